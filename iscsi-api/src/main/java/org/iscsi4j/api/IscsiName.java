package org.iscsi4j.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The name of an iSCSI node (RFC 7143 section 4.2.7): {@code iqn.}, {@code eui.} or {@code naa.}
 * form, at most 223 bytes. Kept normalised by the rules of RFC 3722, which go by Unicode 3.2, so
 * that equal names have equal bytes. Immutable.
 */
public final class IscsiName implements Comparable<IscsiName> {

  /** The longest name, in bytes of UTF-8. */
  public static final int MAX_BYTES = 223;

  /** Normalisation makes a name shorter, by a few times at most; nobody pays for more than this. */
  private static final int MAX_TEXT = 4 * MAX_BYTES;

  private static final String LABEL = "[\\p{L}\\p{N}]([\\p{L}\\p{N}\\p{M}-]*[\\p{L}\\p{N}\\p{M}])?";
  private static final Pattern FORMS =
      Pattern.compile(
          "iqn\\.[0-9]{4}-(0[1-9]|1[0-2])(\\.LABEL)+(:.*)?".replace("LABEL", LABEL)
              + "|eui\\.[0-9a-f]{16}"
              + "|naa\\.([0-9a-f]{16}|[0-9a-f]{32})");

  private final String value;

  private IscsiName(String value) {
    this.value = value;
  }

  /**
   * Checks and normalises a name: {@code iqn.YYYY-MM.DOMAIN[:TEXT]}, the domain reversed; {@code
   * eui.} and 16 hexadecimal digits; {@code naa.} and 16 or 32. Letters become small, characters
   * that only look different (such as fullwidth ones) become the same, and those without a width
   * vanish. What remains are letters and digits, {@code -}, {@code .} and {@code :}, and such
   * characters beyond ASCII as RFC 3722 allows: no spaces, and nothing written from right to left.
   *
   * @throws IllegalArgumentException when the text is no iSCSI name, with the reason: the character
   *     that may not be and its place in the normalised name, counted from 1
   */
  public static IscsiName of(String text) {
    return of(text, NameProfile::allows);
  }

  /**
   * As {@link #of}, for the name that an initiator goes by. It may have other printable characters
   * of ASCII behind its colon too, spaces among them, but not {@code =} and {@code ,}, which
   * separate things in iSCSI text: RFC 3722 forbids them, and yet there are such initiators. QEMU
   * for one calls itself {@code iqn.2008-11.org.linux-kvm:} and the name of its virtual machine.
   *
   * @throws IllegalArgumentException as of {@link #of}
   */
  public static IscsiName ofInitiator(String text) {
    return of(text, IscsiName::allowsOfInitiator);
  }

  static boolean allowsOfInitiator(int c) {
    return NameProfile.allows(c) || c >= ' ' && c < 0x7f && c != '=' && c != ',';
  }

  private static IscsiName of(String text, IntPredicate allowed) {
    checkLength(text, MAX_TEXT);
    String name = NameProfile.normalised(text);
    checkCharacters(name, allowed);
    checkLength(name, MAX_BYTES);
    if (!FORMS.matcher(name).matches()) {
      throw noName(
          name,
          "expected iqn.YYYY-MM.DOMAIN[:TEXT], eui. with 16 hexadecimal digits,"
              + " or naa. with 16 or 32");
    }
    return new IscsiName(name);
  }

  private static void checkLength(String text, int limit) {
    int bytes = bytes(text).length;
    if (bytes > limit) {
      throw new IllegalArgumentException(
          "iSCSI name of " + bytes + " bytes exceeds the limit of " + MAX_BYTES + " bytes");
    }
  }

  private static void checkCharacters(String name, IntPredicate allowed) {
    firstForbidden(name, allowed)
        .ifPresent(
            why -> {
              throw noName(name, why);
            });
  }

  /** Says which character may not be, and its place counted from 1. */
  static Optional<String> firstForbidden(String name, IntPredicate allowed) {
    int[] characters = name.codePoints().toArray();
    return IntStream.range(0, characters.length)
        .filter(i -> !allowed.test(characters[i]))
        .mapToObj(i -> String.format("U+%04X at character %d is not allowed", characters[i], i + 1))
        .findFirst();
  }

  private static IllegalArgumentException noName(String name, String why) {
    return new IllegalArgumentException("'" + printable(name) + "' is no iSCSI name: " + why);
  }

  /** The normalised name. */
  @Override
  public String toString() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IscsiName name && name.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** By the bytes of the normalised names. */
  @Override
  public int compareTo(IscsiName other) {
    return Arrays.compareUnsigned(bytes(value), bytes(other.value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A peer chose the text, so it may hold anything; a log line must not. */
  static String printable(String text) {
    String cut = text.length() > MAX_BYTES ? text.substring(0, MAX_BYTES) + "…" : text;
    return cut.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }
}
