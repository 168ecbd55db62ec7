package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IscsiNameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iqn.2001-04.com.example",
        "iqn.2001-04.com.example:storage:diskarrays-sn-a8675309",
        "iqn.2001-04.com.example:",
        "iqn.1991-05.com.microsoft:host.example.net",
        "iqn.2001-12.com.example:blöcke-世界",
        "iqn.2000-01.nobody",
        "iqn.2001-04.com.xn--blcke-jua.a-1:x",
        "iqn.2001-04.com.example:--..::-",
        "iqn.2001-04.com.example:\u20ac",
        "eui.02004567a425678d",
        "naa.52004567ba64678d",
        "naa.62004567ba64678d0123456789abcdef",
      })
  void takesNamesOfEveryForm(String name) {
    assertThat(IscsiName.of(name)).hasToString(name);
  }

  /** What RFC 3722 sections 3 and 4 turn a name into. */
  @ParameterizedTest
  @CsvSource({
    "IQN.2001-04.COM.Example:Disk, iqn.2001-04.com.example:disk",
    "EUI.02004567A425678D, eui.02004567a425678d",
    "NAA.52004567BA64678D, naa.52004567ba64678d",
    "iqn.2001-04.com.example:O\u0308, iqn.2001-04.com.example:\u00f6", // composed
    "iqn.2001-04.com.example:\uff21\uff22, iqn.2001-04.com.example:ab", // fullwidth
    "iqn.2001-04.com.example:\u210c, iqn.2001-04.com.example:h", // capital by composition
    "iqn.2001-04.com.example:\u00df, iqn.2001-04.com.example:ss", // folding, not lower case
    "iqn.2001-04.com.example:\u03a3\u03c2, iqn.2001-04.com.example:\u03c3\u03c3", // final sigma
    "iqn.2001-04.com.example:\u0131, iqn.2001-04.com.example:\u0131", // does not become i
    "iqn.2001-04.com.example:\u0130, iqn.2001-04.com.example:i\u0307",
    "iqn.2001-04.com.example:\u2163, iqn.2001-04.com.example:iv",
    "iqn.2001-04.com.example:\ufb03, iqn.2001-04.com.example:ffi",
    "iqn.2001-04.com.example:\u10a0, iqn.2001-04.com.example:\u10a0", // small form came later
    "iqn.2001-04.com.example:\u13a0, iqn.2001-04.com.example:\u13a0",
    "iqn.2001-04.com.example:\ud801\udc00, iqn.2001-04.com.example:\ud801\udc28",
    "iqn.2001-04.com.example:a\u00adb\u034fc\u1806d\u180be\u180df, iqn.2001-04.com.example:abcdef",
    "iqn.2001-04.com.example:a\u200bb\u200dc\u2060d\ufe00e\ufe0ff\ufeff,"
        + " iqn.2001-04.com.example:abcdef",
    "iqn\u00ad.2001-04\uff0ecom.example\uff1aa, iqn.2001-04.com.example:a",
  })
  void normalisesSoThatEqualNamesCompareEqual(String text, String normal) {
    IscsiName name = IscsiName.of(text);

    assertThat(name).hasToString(normal).isEqualTo(IscsiName.of(normal));
    assertThat(name).hasSameHashCodeAs(IscsiName.of(normal));
    assertThat(name).isEqualByComparingTo(IscsiName.of(normal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "disk",
        "iqn.",
        "iqn.2001-04",
        "iqn.2001-04.",
        "iqn.2001-04:a",
        "iqn.2001-04.:a",
        "iqn.2001-04.com.:a",
        "iqn.2001-04.com..example:a",
        "iqn.2001-04.-com.example:a",
        "iqn.2001-04.com-.example:a",
        "iqn.2001-04.\u20ac.example:a",
        "iqn.2001-13.com.example",
        "iqn.2001-00.com.example",
        "iqn.2001-4.com.example",
        "iqn.01-04.com.example",
        "iqn.20010-04.com.example",
        "iqn-2001-04.com.example",
        "xiqn.2001-04.com.example",
        "eui.02004567a425678",
        "eui.02004567a425678d0",
        "eui.02004567a425678g",
        "eui.0200-4567a425678",
        "naa.52004567ba64678",
        "naa.52004567ba64678d0",
        "naa.62004567ba64678d0123456789abcde",
        "naa.62004567ba64678d0123456789abcdef0",
        "naa.62004567ba64678d0123456789abcdeg",
      })
  void refusesWhatHasNoneOfTheForms(String text) {
    assertThatThrownBy(() -> IscsiName.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'"
                + text
                + "' is no iSCSI name: expected iqn.YYYY-MM.DOMAIN[:TEXT], eui. with 16"
                + " hexadecimal digits, or naa. with 16 or 32");
  }

  /** Every table that RFC 3722 sections 5 to 7 refer to. */
  @ParameterizedTest
  @CsvSource({
    "\u00a0, U+0020", // a space by composition
    "\u3000, U+0020",
    "\u1680, U+1680", // C.1.2, spaces
    "\u007f, U+007F", // C.2.1, controls
    "\u0080, U+0080", // C.2.2
    "\u06dd, U+06DD",
    "\u2028, U+2028",
    "\ue000, U+E000", // C.3, private use
    "\udbff\udffd, U+10FFFD",
    "\ufdd0, U+FDD0", // C.4, no characters
    "\uffff, U+FFFF",
    "\ud83f\udfff, U+1FFFF",
    "\ud800, U+D800", // C.5, surrogates
    "\ufffd, U+FFFD", // C.6, not for plain text
    "\u2ff0, U+2FF0", // C.7, descriptions of ideographs
    "\u200e, U+200E", // C.8, changes of direction
    "\u202e, U+202E",
    "\udb40\udc20, U+E0020", // C.9, tags
    "\u3002, U+3002", // a full stop in disguise
    "\uff61, U+3002",
    "\uff1b, U+003B", // a semicolon by composition
    "\u05d0, U+05D0", // right to left
    "\u0627, U+0627",
    "\u0221, U+0221", // not in Unicode 3.2
    "\ua640, U+A640",
    "\ud83d\ude00, U+1F600",
  })
  void namesTheCharacterThatMayNotBe(String character, String shown) {
    assertThatThrownBy(() -> IscsiName.of("iqn.2001-04.com.example:\u4e16" + character))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("' is no iSCSI name: " + shown + " at character 26 is not allowed");
  }

  @Test
  void refusesAllOfAsciiButLettersDigitsAndThreeMarks() {
    for (char c = 0; c < 0x80; c++) {
      String name = "iqn.2001-04.com.example:a" + c + "b";
      if (Character.isLetterOrDigit(c) || "-.:".indexOf(c) >= 0) {
        assertThat(IscsiName.of(name)).hasToString(name.toLowerCase(Locale.ROOT));
      } else {
        assertThatThrownBy(() -> IscsiName.of(name))
            .hasMessageContaining("is no iSCSI name: U+%04X at character 26", (int) c);
      }
    }
  }

  /** Nor may what steers a terminal or turns the direction of what follows. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", "\u007f", "\u0085", "\u009b", "\u2028", "\u2029", "\u202e"})
  void messageIsOneLine(String character) {
    assertThatThrownBy(() -> IscsiName.ofInitiator("iqn.2001-04.com.example:a" + character + "b"))
        .hasMessageStartingWith("'iqn.2001-04.com.example:a?b' is no iSCSI name: U+");
  }

  @Test
  void initiatorMayHavePrintableAscii() {
    for (char c = 0; c < 0x80; c++) {
      String name = "iqn.2008-11.org.linux-kvm:a" + c + "b";
      if (c >= ' ' && c != '=' && c != ',' && c != 0x7f) {
        assertThat(IscsiName.ofInitiator(name)).hasToString(name.toLowerCase(Locale.ROOT));
      } else {
        assertThatThrownBy(() -> IscsiName.ofInitiator(name))
            .hasMessageContaining("is no iSCSI name: U+%04X at character 28", (int) c);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"iqn.2001-04.com.ex_ample:a", "iqn.2001-04.com/example", "eui_1", "a\u05d0"})
  void initiatorsNameHasOneOfTheFormsToo(String text) {
    assertThatThrownBy(() -> IscsiName.ofInitiator(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no iSCSI name");
  }

  @Test
  void countsBytesAndNotCharacters() {
    String prefix = "iqn.2001-04.com.example:";
    String longest = prefix + "a".repeat(IscsiName.MAX_BYTES - prefix.length());

    assertThat(IscsiName.of(longest).toString()).hasSize(223);
    assertThatThrownBy(() -> IscsiName.of(longest + "a"))
        .hasMessage("iSCSI name of 224 bytes exceeds the limit of 223 bytes");
    assertThatThrownBy(() -> IscsiName.of(prefix + "ü".repeat(100)))
        .hasMessage("iSCSI name of 224 bytes exceeds the limit of 223 bytes");
  }

  @Test
  void countsWhatIsLeftAfterNormalisation() {
    String prefix = "iqn.2001-04.com.example:";

    assertThat(IscsiName.of(prefix + "\uff41".repeat(199)).toString()).hasSize(223);
    assertThatThrownBy(() -> IscsiName.of(prefix + "\ufb03".repeat(67)))
        .hasMessage("iSCSI name of 225 bytes exceeds the limit of 223 bytes");
    assertThatThrownBy(() -> IscsiName.of(prefix + "\u00ad".repeat(8000)))
        .hasMessage("iSCSI name of 16024 bytes exceeds the limit of 223 bytes");
  }

  @Test
  void keepsWhatAPeerSentOutOfTheLog() {
    assertThatThrownBy(() -> IscsiName.of("bad\nname\u001b[2J"))
        .hasMessageContaining("'bad?name?[2j'");
  }

  @Test
  void isOrderedByItsBytes() {
    IscsiName a = IscsiName.of("iqn.2001-04.com.example:a");
    IscsiName b = IscsiName.of("iqn.2001-04.com.example:b");

    assertThat(a).isLessThan(b).isNotEqualTo(b).isNotEqualTo(a.toString());
    // by bytes, which is not the order of UTF-16
    assertThat(IscsiName.of("iqn.2001-04.com.example:\ufa0e"))
        .isLessThan(IscsiName.of("iqn.2001-04.com.example:\ud840\udc00"));
  }
}
