package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.iscsi4j.api.SessionSettings.Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionSettingsTest {

  /** Every setting with another value than by default. */
  private static final SessionSettings OTHERS =
      SessionSettings.builder()
          .headerDigest(Digests.CRC32C)
          .dataDigest(Digests.NONE)
          .maxConnections(3)
          .initialR2t(true)
          .immediateData(false)
          .maxRecvDataSegmentLength(8192)
          .maxBurstLength(262_144)
          .firstBurstLength(65_536)
          .maxOutstandingR2t(16)
          .defaultTime2Wait(Duration.ofSeconds(5))
          .defaultTime2Retain(Duration.ofSeconds(60))
          .dataPduInOrder(true)
          .dataSequenceInOrder(true)
          .errorRecoveryLevel(1)
          .taskReporting(TaskReporting.RFC3720)
          .iscsiProtocolLevel(1)
          .queueDepth(32)
          .keepAliveInterval(Duration.ofSeconds(20))
          .keepAliveTimeout(Duration.ofSeconds(7))
          .build();

  /** A setting as it was set and as it is read. */
  private record Setting<T>(
      T value,
      BiFunction<Builder, T, Builder> setter,
      Function<SessionSettings, Optional<T>> getter) {

    SessionSettings alone() {
      return setter.apply(SessionSettings.builder(), value).build();
    }

    boolean isIn(SessionSettings settings) {
      return getter.apply(settings).equals(Optional.of(value));
    }

    boolean isSetIn(SessionSettings settings) {
      return getter.apply(settings).isPresent();
    }
  }

  private static <T> Setting<T> setting(
      T value,
      BiFunction<Builder, T, Builder> setter,
      Function<SessionSettings, Optional<T>> getter) {
    return new Setting<>(value, setter, getter);
  }

  static Setting<?>[] settings() {
    return new Setting<?>[] {
      setting(Digests.CRC32C, Builder::headerDigest, SessionSettings::headerDigest),
      setting(Digests.NONE, Builder::dataDigest, SessionSettings::dataDigest),
      setting(3, Builder::maxConnections, SessionSettings::maxConnections),
      setting(true, Builder::initialR2t, SessionSettings::initialR2t),
      setting(false, Builder::immediateData, SessionSettings::immediateData),
      setting(8192, Builder::maxRecvDataSegmentLength, SessionSettings::maxRecvDataSegmentLength),
      setting(262_144, Builder::maxBurstLength, SessionSettings::maxBurstLength),
      setting(65_536, Builder::firstBurstLength, SessionSettings::firstBurstLength),
      setting(16, Builder::maxOutstandingR2t, SessionSettings::maxOutstandingR2t),
      setting(Duration.ofSeconds(5), Builder::defaultTime2Wait, SessionSettings::defaultTime2Wait),
      setting(
          Duration.ofSeconds(60), Builder::defaultTime2Retain, SessionSettings::defaultTime2Retain),
      setting(true, Builder::dataPduInOrder, SessionSettings::dataPduInOrder),
      setting(true, Builder::dataSequenceInOrder, SessionSettings::dataSequenceInOrder),
      setting(1, Builder::errorRecoveryLevel, SessionSettings::errorRecoveryLevel),
      setting(TaskReporting.RFC3720, Builder::taskReporting, SessionSettings::taskReporting),
      setting(1, Builder::iscsiProtocolLevel, SessionSettings::iscsiProtocolLevel),
      setting(32, Builder::queueDepth, SessionSettings::queueDepth),
      setting(
          Duration.ofSeconds(20), Builder::keepAliveInterval, SessionSettings::keepAliveInterval),
      setting(Duration.ofSeconds(7), Builder::keepAliveTimeout, SessionSettings::keepAliveTimeout),
    };
  }

  @ParameterizedTest
  @MethodSource("settings")
  void eachIsReadAsItWasSetAndLeavesTheRestToOthers(Setting<?> one) {
    assertThat(one.isIn(OTHERS)).isTrue();
    assertThat(one.isSetIn(SessionSettings.empty())).isFalse();
    assertThat(one.isIn(one.alone())).isTrue();
    assertThat(settings()).filteredOn(other -> other.isSetIn(one.alone())).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void eachHasADefaultThatAnotherValueReplaces(Setting<?> one) {
    SessionSettings defaults = SessionSettings.defaults();

    assertThat(one.isSetIn(defaults)).isTrue();
    assertThat(one.isIn(defaults)).isFalse();
    assertThat(one.isIn(OTHERS.or(defaults))).isTrue();
    assertThat(one.isIn(defaults.or(OTHERS))).isFalse();
  }

  @Test
  void whatIsSetGoesBeforeWhatOthersSay() {
    SessionSettings own = SessionSettings.builder().queueDepth(1).build();
    SessionSettings others = SessionSettings.builder().queueDepth(2).maxConnections(3).build();

    assertThat(own.or(others))
        .isEqualTo(SessionSettings.builder().queueDepth(1).maxConnections(3).build());
    assertThat(SessionSettings.empty().or(others)).isEqualTo(others);
    assertThat(others.or(SessionSettings.empty())).isEqualTo(others);
  }

  @Test
  void sayOnlyWhatIsSet() {
    SessionSettings few = SessionSettings.builder().queueDepth(1).initialR2t(true).build();

    assertThat(few).hasToString("SessionSettings{initialR2t=true, queueDepth=1}");
    assertThat(SessionSettings.empty()).hasToString("SessionSettings{}");
  }

  @Test
  void builderThatGoesOnChangesNothingThatWasBuilt() {
    Builder builder = SessionSettings.builder().queueDepth(1);
    SessionSettings before = builder.build();

    SessionSettings changed = before.toBuilder().queueDepth(2).build();
    builder.queueDepth(3);

    assertThat(before.queueDepth()).contains(1);
    assertThat(changed.queueDepth()).contains(2);
    assertThat(changed).isNotEqualTo(before).doesNotHaveSameHashCodeAs(before);
  }

  /** A number's setter with its range. */
  private record Range(
      String name, BiFunction<Builder, Integer, Builder> set, int least, int most) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Range[] ranges() {
    return new Range[] {
      new Range("maxConnections", Builder::maxConnections, 1, 65_535),
      new Range("maxRecvDataSegmentLength", Builder::maxRecvDataSegmentLength, 512, 8_388_608),
      new Range("maxBurstLength", Builder::maxBurstLength, 512, 16_777_215),
      new Range("firstBurstLength", Builder::firstBurstLength, 512, 16_777_215),
      new Range("maxOutstandingR2t", Builder::maxOutstandingR2t, 1, 65_535),
      new Range("errorRecoveryLevel", Builder::errorRecoveryLevel, 0, 2),
      new Range("iscsiProtocolLevel", Builder::iscsiProtocolLevel, 1, 2),
      new Range("queueDepth", Builder::queueDepth, 1, 4096),
    };
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void numbersHaveARange(Range range) {
    Builder builder = SessionSettings.builder();
    for (int right : new int[] {range.least(), range.most()}) {
      assertThat(range.set().apply(builder, right)).isSameAs(builder);
    }
    for (int wrong : new int[] {range.least() - 1, range.most() + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> range.set().apply(builder, wrong))
          .withMessage(
              "%s %d is not within %d..%d", range.name(), wrong, range.least(), range.most());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT1H0.001S", "PT1.5S", "PT3601S", "PT277777777H"})
  void timesOfALostConnectionAreWholeSecondsOfUpToAnHour(String text) {
    Duration time = Duration.parse(text);
    Builder settings = SessionSettings.builder();
    settings.defaultTime2Wait(Duration.ZERO).defaultTime2Wait(Duration.ofHours(1));
    settings.defaultTime2Retain(Duration.ZERO).defaultTime2Retain(Duration.ofHours(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.defaultTime2Wait(time))
        .withMessage("defaultTime2Wait " + time + " is not whole seconds within 0..3600");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.defaultTime2Retain(time))
        .withMessage("defaultTime2Retain " + time + " is not whole seconds within 0..3600");
  }

  @Test
  void silencesLastUpToADayAndTheIntervalMayBeNone() {
    Builder settings = SessionSettings.builder();
    Duration tooLong = Duration.ofHours(24).plusNanos(1);
    settings.keepAliveInterval(Duration.ZERO).keepAliveInterval(Duration.ofHours(24));
    settings.keepAliveTimeout(Duration.ofNanos(1)).keepAliveTimeout(Duration.ofHours(24));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.keepAliveInterval(tooLong))
        .withMessage("keepAliveInterval PT24H0.000000001S is not within 0..24 h");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.keepAliveInterval(Duration.ofNanos(-1)))
        .withMessageStartingWith("keepAliveInterval");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.keepAliveTimeout(Duration.ZERO))
        .withMessage("keepAliveTimeout PT0S is not more than 0 and up to 24 h");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.keepAliveTimeout(tooLong))
        .withMessageStartingWith("keepAliveTimeout");
  }

  @Test
  void refuseNull() {
    assertThatNullPointerException()
        .isThrownBy(() -> SessionSettings.builder().headerDigest(null))
        .withMessage("headerDigest");
  }
}
