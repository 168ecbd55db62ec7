package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        "iqn.2001-12.com.example:größe-世界",
        "iqn.2008-11.org.linux-kvm:my_vm",
        "iqn.2001-04.com.example:rack/3;disk+1(old)#~",
        "eui.02004567a425678d",
        "naa.52004567ba64678d",
        "naa.62004567ba64678d0123456789abcdef",
      })
  void takesNamesOfEveryForm(String name) {
    assertThat(IscsiName.of(name)).hasToString(name);
  }

  @ParameterizedTest
  @CsvSource({
    "IQN.2001-04.COM.Example:Disk, iqn.2001-04.com.example:disk",
    "EUI.02004567A425678D, eui.02004567a425678d",
    "iqn.2001-04.com.example:Gro\u0308\u00dfe, iqn.2001-04.com.example:gr\u00f6\u00dfe",
    "iqn.2001-04.com.example:\uff21\uff22, iqn.2001-04.com.example:ab",
    "iqn.2001-04.com.example:\u210c, iqn.2001-04.com.example:h",
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
        "iqn.2001-13.com.example",
        "iqn.2001-00.com.example",
        "iqn.01-04.com.example",
        "iqn.2001-04.com.example:a b",
        "iqn.2001-04.com.example:a\u00a0b",
        "iqn.2001-04.com.example:a\u200bb",
        "iqn.2001-04.com.example:a,b",
        "iqn.2001-04.com.example:a=b",
        "iqn.2001-04.com.example:a\uff1db",
        "iqn.2001-04.com.example:a\u007f",
        "iqn.2001-04.com.exam_ple:a",
        "iqn.2001-04.com/example:a",
        "iqn.2001-04.com.example:a\u0000",
        "iqn.2001-04.com.example\n",
        "xiqn.2001-04.com.example",
        "eui.02004567a425678",
        "eui.02004567a425678g",
        "naa.52004567ba64678",
        "naa.52004567ba64678d0",
      })
  void refusesWhatIsNoName(String text) {
    assertThatThrownBy(() -> IscsiName.of(text))
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
  void keepsWhatAPeerSentOutOfTheLog() {
    assertThatThrownBy(() -> IscsiName.of("bad\nname\u001b[2J"))
        .hasMessageContaining("'bad?name?[2J'");
  }

  @Test
  void isOrderedByItsText() {
    IscsiName a = IscsiName.of("iqn.2001-04.com.example:a");
    IscsiName b = IscsiName.of("iqn.2001-04.com.example:b");

    assertThat(a).isLessThan(b).isNotEqualTo(b).isNotEqualTo(a.toString());
  }
}
