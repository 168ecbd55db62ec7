package org.iscsi4j.api;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of an iSCSI node (RFC 7143 section 4.2.7): {@code iqn.}, {@code eui.} or {@code naa.}
 * form, at most 223 bytes. Kept normalised, so that equal names compare equal.
 */
public final class IscsiName implements Comparable<IscsiName> {

  /** The longest name, in bytes of UTF-8. */
  public static final int MAX_BYTES = 223;

  private static final Pattern IQN =
      Pattern.compile(
          "iqn\\.[0-9]{4}-(0[1-9]|1[0-2])\\.[\\p{L}\\p{N}\\p{M}.-]+"
              + "(:[\\p{L}\\p{N}\\p{M}\\p{P}\\p{S}&&[^=,]]*)?");
  private static final Pattern EUI = Pattern.compile("eui\\.[0-9a-f]{16}");
  private static final Pattern NAA = Pattern.compile("naa\\.([0-9a-f]{16}|[0-9a-f]{32})");

  private final String value;

  private IscsiName(String value) {
    this.value = value;
  }

  /**
   * Checks and normalises a name: compatibility composition and lower case (RFC 3722). The naming
   * authority consists of letters, digits, dots and hyphens. Behind its colon RFC 3722 allows no
   * more than these and colons, but initiators use names such as {@code
   * iqn.2008-11.org.linux-kvm:my_vm}, so any printable character may stand there but a space, and
   * {@code =} and {@code ,}, which separate things in iSCSI text.
   *
   * @throws IllegalArgumentException when the text is no iSCSI name, with the reason
   */
  public static IscsiName of(String text) {
    // composed first, because what composition yields may be a capital letter; then once more
    String folded = compose(compose(text).toLowerCase(Locale.ROOT));
    int bytes = folded.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "iSCSI name of " + bytes + " bytes exceeds the limit of " + MAX_BYTES + " bytes");
    }
    if (!IQN.matcher(folded).matches()
        && !EUI.matcher(folded).matches()
        && !NAA.matcher(folded).matches()) {
      throw new IllegalArgumentException(
          "'"
              + printable(text)
              + "' is no iSCSI name: expected iqn.YYYY-MM.DOMAIN[:TEXT],"
              + " eui. with 16 hexadecimal digits, or naa. with 16 or 32");
    }
    return new IscsiName(folded);
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

  @Override
  public int compareTo(IscsiName other) {
    return value.compareTo(other.value);
  }

  private static String compose(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  /** A peer chose the text, so it may hold anything; a log line must not. */
  private static String printable(String text) {
    String cut = text.length() > MAX_BYTES ? text.substring(0, MAX_BYTES) + "…" : text;
    return cut.replaceAll("[\\p{Cntrl}]", "?");
  }
}
