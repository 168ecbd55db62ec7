package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IscsiNamePatternTest {

  private static boolean matches(String pattern, String name) {
    return IscsiNamePattern.of(pattern).matches(IscsiName.ofInitiator(name));
  }

  @ParameterizedTest
  @CsvSource({
    "*, iqn.2001-04.com.example:a",
    "ALL, iqn.2001-04.com.example:a",
    "all, eui.02004567a425678d",
    "**, eui.02004567a425678d",
    "iqn.2001-04.com.example:a, iqn.2001-04.com.example:a",
    "iqn.2001-04.com.example:*, iqn.2001-04.com.example:",
    "iqn.2001-04.com.example:*, iqn.2001-04.com.example:any:thing",
    "iqn.2001-04.com.example:a?c, iqn.2001-04.com.example:abc",
    "iqn.2001-04.com.example:?*, iqn.2001-04.com.example:a",
    "iqn.*:backup, iqn.2001-04.com.example:a:backup:backup",
    "iqn.*ab*ba, iqn.2001-04.com.example:aababba",
    "eui.????????????????, eui.02004567a425678d",
    "*.example:?, iqn.2001-04.com.example:\ud800\udf00", // one character of two chars
  })
  void matchesNamesThatItStandsFor(String pattern, String name) {
    assertThat(matches(pattern, name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "iqn.2001-04.com.example:a, iqn.2001-04.com.example:ab",
    "iqn.2001-04.com.example:ab, iqn.2001-04.com.example:a",
    "iqn.2001-04.com.example:a?, iqn.2001-04.com.example:a",
    "iqn.2001-04.com.example:a?, iqn.2001-04.com.example:abc",
    "iqn.2001-04.com.example:?*, iqn.2001-04.com.example:",
    "iqn.2001-04?com.example:b*, iqn.2001-04.com.example:a",
    "iqn.*:backup, iqn.2001-04.com.example:backup-2",
    "iqn.2001-04.com.example*z, iqn.2001-04.com.example:a",
    "*.b, iqn.2001-04.com.example:xb", // a dot is a dot
  })
  void matchesNoOthers(String pattern, String name) {
    assertThat(matches(pattern, name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "IQN.2001-04.COM.Example:Disk, iqn.2001-04.com.example:disk",
    "IQN.2001-04.COM.Example:\u00df*, iqn.2001-04.com.example:ss*",
    "iqn.2001-04.com.example:\uff21?, iqn.2001-04.com.example:a?",
    "iqn.2001-04.com.example:O\u0308*, iqn.2001-04.com.example:\u00f6*",
    "all, *",
  })
  void isNormalisedAsNamesAre(String text, String normal) {
    IscsiNamePattern pattern = IscsiNamePattern.of(text);

    assertThat(pattern).hasToString(normal).isEqualTo(IscsiNamePattern.of(normal));
    assertThat(pattern).hasSameHashCodeAs(IscsiNamePattern.of(normal));
    assertThat(pattern).isNotEqualTo(IscsiNamePattern.of("iqn.2001-04.com.example:other"));
  }

  @Test
  void takesTheNamesOfInitiatorsThatTheRfcForbids() {
    assertThat(matches("iqn.2008-11.org.linux-kvm:My VM", "iqn.2008-11.org.linux-kvm:my vm"))
        .isTrue();
    assertThat(matches("iqn.2008-11.org.linux-kvm:my *", "iqn.2008-11.org.linux-kvm:my vm"))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', is no iSCSI name",
    "host-1, is no iSCSI name",
    "host-*, 'host-*' is no pattern of iSCSI names: names begin with iqn.",
    "iqm.*, names begin with iqn.",
    "'iqn.a*,iqn.b*', U+002C at character 7 is not allowed",
    "'iqn.2001-04.com.example:*=', U+003D at character 26 is not allowed",
    "iqn.2001-04.com.example:*\u05d0, U+05D0 at character 26 is not allowed",
    "!iqn.*, names begin with iqn.",
  })
  void refusesWhatNoNameCouldMatch(String text, String why) {
    assertThatThrownBy(() -> IscsiNamePattern.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void isAsLongAsANameAtMost() {
    String longest = "iqn." + "a".repeat(IscsiNamePattern.MAX_CHARACTERS - 5) + "*";

    assertThat(IscsiNamePattern.of(longest)).hasToString(longest);
    assertThatThrownBy(() -> IscsiNamePattern.of(longest + "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern of 224 characters exceeds the limit of 223");
    // grows by normalisation
    assertThatThrownBy(() -> IscsiNamePattern.of("iqn.*" + "\ufb03".repeat(100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern of 305 characters exceeds the limit of 223");
  }

  /** By trying every way this would not end before the sun does. */
  @Test
  void takesNoLongerForPatternsThatWereMadeForIt() {
    IscsiName name = IscsiName.of("iqn.2001-04.com.example:" + "a".repeat(199));

    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          assertThat(IscsiNamePattern.of("iqn.*" + "a*".repeat(100) + "b").matches(name)).isFalse();
          assertThat(IscsiNamePattern.of("*" + "?*".repeat(100) + "b").matches(name)).isFalse();
          assertThat(IscsiNamePattern.of("*" + "a".repeat(198) + "b").matches(name)).isFalse();
        });
  }
}
