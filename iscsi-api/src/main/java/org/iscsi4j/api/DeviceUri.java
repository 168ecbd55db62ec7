package org.iscsi4j.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A device in one line: {@code SCHEME:PATH?OPTION&OPTION=VALUE}, such as {@code
 * file:/var/disk.img?size=1g&readonly}. An option without a value is a flag. Where path or value
 * hold one of {@code % ? &} it is written as {@code %25 %3F %26}; any other character may stand for
 * itself.
 *
 * @param scheme which kind of device, in lower case; names a {@link BlockDeviceProvider}
 * @param path which one, in the provider's terms
 * @param options names and values in the order given, the value empty for a flag
 */
public record DeviceUri(String scheme, String path, Map<String, String> options) {

  private static final Pattern FORM =
      Pattern.compile("(?<scheme>\\p{Alpha}[\\p{Alnum}+.-]*):(?<path>[^?]*)(\\?(?<options>.*))?");
  private static final Pattern BYTES = Pattern.compile("(?<number>\\d{1,19})(?<unit>[kmgtp]?)");
  private static final String UNITS = "kmgtp";

  /** Keeps a copy of the options. */
  public DeviceUri {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(path, "path");
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Reads a device URI.
   *
   * @throws IllegalArgumentException when the text has no scheme, an option stands twice or without
   *     a name, or a {@code %} is not followed by two hexadecimal digits
   */
  public static DeviceUri parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no device: expected SCHEME:PATH, such as file:/path or mem:64m");
    }
    return new DeviceUri(
        form.group("scheme").toLowerCase(Locale.ROOT),
        decode(form.group("path")),
        parseOptions(text, form.group("options")));
  }

  /**
   * Reads a number of bytes: digits, and {@code k}, {@code m}, {@code g}, {@code t} or {@code p}
   * for a power of 1,024.
   *
   * @throws IllegalArgumentException when the text is no such number or exceeds a {@code long}
   */
  public static long parseBytes(String text) {
    Matcher matcher = BYTES.matcher(text.toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      String unit = matcher.group("unit");
      int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
      try {
        return Math.multiplyExact(Long.parseLong(matcher.group("number")), 1L << shift);
      } catch (ArithmeticException | NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' is more than 2^63 - 1 bytes", e);
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is no number of bytes: expected digits and one of k, m, g, t, p or nothing");
  }

  /** The value of an option, empty text for a flag. */
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /**
   * Whether a flag is set: {@code name}, {@code name=true} or {@code name=false}.
   *
   * @throws IllegalArgumentException when the option has another value
   */
  public boolean flag(String name) {
    return switch (options.getOrDefault(name, "false")) {
      case "", "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "option " + name + " is a flag and takes no value '" + options.get(name) + "'");
    };
  }

  /**
   * The value of an option in bytes, as {@link #parseBytes} reads it.
   *
   * @throws IllegalArgumentException when the value is no number of bytes
   */
  public OptionalLong bytes(String name) {
    String value = options.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(parseBytes(value));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("option " + name + ": " + e.getMessage(), e);
    }
  }

  /** As {@link #bytes}, for numbers that must fit an {@code int}. */
  OptionalInt intBytes(String name) {
    OptionalLong bytes = bytes(name);
    if (bytes.isEmpty()) {
      return OptionalInt.empty();
    }
    if (bytes.getAsLong() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "option " + name + ": " + options.get(name) + " exceeds " + Integer.MAX_VALUE + " bytes");
    }
    return OptionalInt.of((int) bytes.getAsLong());
  }

  /** The same without some options, for a caller who takes out what is not the device's. */
  public DeviceUri without(String... names) {
    Map<String, String> rest = new LinkedHashMap<>(options);
    rest.keySet().removeAll(List.of(names));
    return new DeviceUri(scheme, path, rest);
  }

  /** The text that {@link #parse} reads as this. */
  @Override
  public String toString() {
    String query =
        options.entrySet().stream()
            .map(
                o ->
                    encode(o.getKey()) + (o.getValue().isEmpty() ? "" : "=" + encode(o.getValue())))
            .collect(Collectors.joining("&"));
    return scheme + ":" + encode(path) + (query.isEmpty() ? "" : "?" + query);
  }

  private static Map<String, String> parseOptions(String text, String query) {
    Map<String, String> options = new LinkedHashMap<>();
    if (query == null || query.isEmpty()) {
      return options;
    }
    for (String option : query.split("&", -1)) {
      String[] parts = option.split("=", 2);
      String name = decode(parts[0]);
      if (name.isEmpty()) {
        throw new IllegalArgumentException("'" + text + "' has an option without a name");
      }
      if (options.put(name, parts.length == 2 ? decode(parts[1]) : "") != null) {
        throw new IllegalArgumentException("'" + text + "' has option " + name + " twice");
      }
    }
    return options;
  }

  private static String decode(String text) {
    try {
      // a plus is a plus in everything but HTML forms
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' has a % without two hexadecimal digits; % itself is written %25", e);
    }
  }

  private static String encode(String text) {
    return text.replace("%", "%25").replace("?", "%3F").replace("&", "%26").replace("=", "%3D");
  }
}
