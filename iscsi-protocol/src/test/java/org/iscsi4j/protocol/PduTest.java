package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Golden headers. Where a field allows it the byte at offset n is 80h + n, so that each byte is
 * unlike all others and none survives a wrong sign extension.
 */
class PduTest {
  private static final int AHS = 0x84 * 4;
  private static final int DATA = 0x858687;
  private static final long LUN = 0x88898a8b8c8d8e8fL;
  private static final int ITT = 0x90919293;
  private static final int AT_20 = 0x94959697;
  private static final int AT_24 = 0x98999a9b;
  private static final int AT_28 = 0x9c9d9e9f;
  private static final int AT_32 = 0xa0a1a2a3;
  private static final int AT_36 = 0xa4a5a6a7;
  private static final int AT_40 = 0xa8a9aaab;
  private static final int AT_44 = 0xacadaeaf;

  /** A PDU, its bytes, and a one for each bit that the PDU defines. */
  static Stream<Arguments> pdus() {
    return Stream.of(
        arguments(
            new NopOutPdu(true, AHS, DATA, LUN, ITT, AT_20, AT_24, AT_28),
            """
            40800000 84858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f 00000000 00000000 00000000 00000000""",
            """
            7f800000 ffffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff 00000000 00000000 00000000 00000000"""),
        arguments(
            new ScsiCommandPdu(
                true,
                true,
                true,
                false,
                2,
                9,
                AHS,
                DATA,
                LUN,
                ITT,
                AT_20,
                AT_24,
                AT_28,
                0xa0a1a2a3a4a5a6a7L,
                0xa8a9aaabacadaeafL),
            """
            41c20900 84858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf""",
            """
            7fe70f00 ffffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"""),
        arguments(
            new TaskManagementRequestPdu(
                true, 0x5a, AHS, DATA, LUN, ITT, AT_20, AT_24, AT_28, AT_32, AT_36),
            """
            42da0000 84858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 00000000 00000000""",
            """
            7fff0000 ffffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff ffffffff 00000000 00000000"""),
        arguments(
            new LoginRequestPdu(
                true,
                false,
                1,
                3,
                0x82,
                0x83,
                AHS,
                DATA,
                new Isid(0x88898a8b8c8dL),
                0x8e8f,
                ITT,
                0x9495,
                AT_24,
                AT_28),
            """
            43878283 84858687 88898a8b 8c8d8e8f 90919293 94950000
            98999a9b 9c9d9e9f 00000000 00000000 00000000 00000000""",
            """
            7fcfffff ffffffff ffffffff ffffffff ffffffff ffff0000
            ffffffff ffffffff 00000000 00000000 00000000 00000000"""),
        arguments(
            new TextRequestPdu(true, false, true, AHS, DATA, LUN, ITT, AT_20, AT_24, AT_28),
            """
            44400000 84858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f 00000000 00000000 00000000 00000000""",
            """
            7fc00000 ffffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff 00000000 00000000 00000000 00000000"""),
        arguments(
            new DataOutPdu(true, AHS, DATA, LUN, ITT, AT_20, AT_28, AT_36, AT_40),
            """
            05800000 84858687 88898a8b 8c8d8e8f 90919293 94959697
            00000000 9c9d9e9f 00000000 a4a5a6a7 a8a9aaab 00000000""",
            """
            3f800000 ffffffff ffffffff ffffffff ffffffff ffffffff
            00000000 ffffffff 00000000 ffffffff ffffffff 00000000"""),
        arguments(
            new LogoutRequestPdu(true, 0x5b, AHS, DATA, ITT, 0x9495, AT_24, AT_28),
            """
            46db0000 84858687 00000000 00000000 90919293 94950000
            98999a9b 9c9d9e9f 00000000 00000000 00000000 00000000""",
            """
            7fff0000 ffffffff 00000000 00000000 ffffffff ffff0000
            ffffffff ffffffff 00000000 00000000 00000000 00000000"""),
        arguments(
            new SnackRequestPdu(0x0d, AHS, DATA, LUN, ITT, AT_20, AT_28, AT_40, AT_44),
            """
            108d0000 84858687 88898a8b 8c8d8e8f 90919293 94959697
            00000000 9c9d9e9f 00000000 00000000 a8a9aaab acadaeaf""",
            """
            3f8f0000 ffffffff ffffffff ffffffff ffffffff ffffffff
            00000000 ffffffff 00000000 00000000 ffffffff ffffffff"""),
        arguments(
            new NopInPdu(DATA, LUN, ITT, AT_20, AT_24, AT_28, AT_32),
            """
            20800000 00858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 00000000 00000000 00000000""",
            """
            3f800000 00ffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff 00000000 00000000 00000000"""),
        arguments(
            new ScsiResponsePdu(
                ScsiResponsePdu.BIDI_OVERFLOW | ScsiResponsePdu.UNDERFLOW,
                0x82,
                0x83,
                DATA,
                ITT,
                AT_20,
                AT_24,
                AT_28,
                AT_32,
                AT_36,
                AT_40,
                AT_44),
            """
            21928283 00858687 00000000 00000000 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf""",
            """
            3f9effff 00ffffff 00000000 00000000 ffffffff ffffffff
            ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"""),
        arguments(
            new TaskManagementResponsePdu(0x82, AHS, DATA, 0x88898a, ITT, AT_24, AT_28, AT_32),
            """
            22808200 84858687 88898a00 00000000 90919293 00000000
            98999a9b 9c9d9e9f a0a1a2a3 00000000 00000000 00000000""",
            """
            3f80ff00 ffffffff ffffff00 00000000 ffffffff 00000000
            ffffffff ffffffff ffffffff 00000000 00000000 00000000"""),
        arguments(
            new LoginResponsePdu(
                false,
                true,
                0,
                1,
                0x82,
                0x83,
                DATA,
                new Isid(0x88898a8b8c8dL),
                0x8e8f,
                ITT,
                AT_24,
                AT_28,
                AT_32,
                0xa4,
                0xa5),
            """
            23418283 00858687 88898a8b 8c8d8e8f 90919293 00000000
            98999a9b 9c9d9e9f a0a1a2a3 a4a50000 00000000 00000000""",
            """
            3fcfffff 00ffffff ffffffff ffffffff ffffffff 00000000
            ffffffff ffffffff ffffffff ffff0000 00000000 00000000"""),
        arguments(
            new TextResponsePdu(true, false, DATA, LUN, ITT, AT_20, AT_24, AT_28, AT_32),
            """
            24800000 00858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 00000000 00000000 00000000""",
            """
            3fc00000 00ffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff 00000000 00000000 00000000"""),
        arguments(
            new DataInPdu(
                DataInPdu.FINAL | DataInPdu.UNDERFLOW | DataInPdu.STATUS,
                0x83,
                DATA,
                LUN,
                ITT,
                AT_20,
                AT_24,
                AT_28,
                AT_32,
                AT_36,
                AT_40,
                AT_44),
            """
            25830083 00858687 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf""",
            """
            3fc700ff 00ffffff ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"""),
        arguments(
            new LogoutResponsePdu(0x82, ITT, AT_24, AT_28, AT_32, 0xa8a9, 0xaaab),
            """
            26808200 00000000 00000000 00000000 90919293 00000000
            98999a9b 9c9d9e9f a0a1a2a3 00000000 a8a9aaab 00000000""",
            """
            3f80ff00 00000000 00000000 00000000 ffffffff 00000000
            ffffffff ffffffff ffffffff 00000000 ffffffff 00000000"""),
        arguments(
            new ReadyToTransferPdu(LUN, ITT, AT_20, AT_24, AT_28, AT_32, AT_36, AT_40, AT_44),
            """
            31800000 00000000 88898a8b 8c8d8e8f 90919293 94959697
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf""",
            """
            3f800000 00000000 ffffffff ffffffff ffffffff ffffffff
            ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff"""),
        arguments(
            new AsyncMessagePdu(DATA, LUN, AT_24, AT_28, AT_32, 0xa4, 0xa5, 0xa6a7, 0xa8a9, 0xaaab),
            """
            32800000 00858687 88898a8b 8c8d8e8f ffffffff 00000000
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab 00000000""",
            """
            3f800000 00ffffff ffffffff ffffffff ffffffff 00000000
            ffffffff ffffffff ffffffff ffffffff ffffffff 00000000"""),
        arguments(
            new RejectPdu(0x82, DATA, AT_24, AT_28, AT_32, AT_36),
            """
            3f808200 00858687 00000000 00000000 ffffffff 00000000
            98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 00000000 00000000""",
            """
            3f80ff00 00ffffff 00000000 00000000 ffffffff 00000000
            ffffffff ffffffff ffffffff ffffffff 00000000 00000000"""));
  }

  @ParameterizedTest
  @MethodSource("pdus")
  void encodesToTheGoldenBytes(Pdu pdu, String golden, String defined) {
    ByteBuffer out = filled(1 + Pdu.BHS_LENGTH + 1).limit(Pdu.BHS_LENGTH + 2).position(3);

    pdu.encode(out, 1);

    assertThat(Hex.of(out.array()))
        .isEqualTo(
            "ff" + Hex.of(Hex.bytes(golden)) + "ff"); // reserved bytes overwritten, no others
    assertThat(out.position()).isEqualTo(3);
    assertThat(out.limit()).isEqualTo(Pdu.BHS_LENGTH + 2);
  }

  @ParameterizedTest
  @MethodSource("pdus")
  void decodesFromTheGoldenBytes(Pdu pdu, String golden, String defined) throws Exception {
    ByteBuffer in = Hex.buffer("ee" + golden + "ee").position(5);

    assertThat(Pdu.decode(in, 1)).isEqualTo(pdu);
    assertThat(in.position()).isEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("pdus")
  void ignoresReservedBits(Pdu pdu, String golden, String defined) throws Exception {
    byte[] dirty = Hex.bytes(golden);
    byte[] mask = Hex.bytes(defined);
    for (int i = 0; i < dirty.length; i++) {
      dirty[i] |= (byte) ~mask[i];
    }

    assertThat(Pdu.decode(ByteBuffer.wrap(dirty), 0)).isEqualTo(pdu);
  }

  @ParameterizedTest
  @MethodSource("pdus")
  void coversEveryDefinedBit(Pdu pdu, String golden, String defined) throws Exception {
    byte[] ones = new byte[Pdu.BHS_LENGTH];
    Arrays.fill(ones, (byte) 0xff);
    ones[0] = (byte) (0xc0 | pdu.opcode());
    byte[] expected = Hex.bytes(defined);
    expected[0] &= (byte) (0xc0 | pdu.opcode());

    ByteBuffer out = filled(Pdu.BHS_LENGTH);
    Pdu.decode(ByteBuffer.wrap(ones), 0).encode(out, 0);

    assertThat(Hex.of(out.array())).isEqualTo(Hex.of(expected));
  }

  @ParameterizedTest
  @MethodSource("pdus")
  void commonFieldsComeFromBufferAndRecordAlike(Pdu pdu, String golden, String defined) {
    ByteBuffer in = Hex.buffer(golden);

    assertThat(Pdu.opcode(in, 0)).isEqualTo(pdu.opcode());
    assertThat(Pdu.ahsLength(in, 0)).isEqualTo(pdu.ahsLength());
    assertThat(Pdu.dataSegmentLength(in, 0)).isEqualTo(pdu.dataSegmentLength());
    assertThat(in.getInt(16)).isEqualTo(pdu.initiatorTaskTag());
    assertThat(Pdu.immediate(in, 0)).isEqualTo(golden.startsWith("4"));
  }

  @Test
  void eachOpcodeHasOnePduAndOneName() throws Exception {
    Set<Class<?>> types = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (int opcode = 0; opcode <= 0x3f; opcode++) {
      String name = Opcode.name(opcode);
      if (!name.startsWith("0x")) {
        ByteBuffer in = ByteBuffer.allocate(Pdu.BHS_LENGTH).put(0, (byte) opcode);
        Pdu pdu = Pdu.decode(in, 0);
        assertThat(pdu.opcode()).isEqualTo(opcode);
        types.add(pdu.getClass());
        names.add(name);
      }
    }

    assertThat(types).containsExactlyInAnyOrder(Pdu.class.getPermittedSubclasses());
    assertThat(names).hasSameSizeAs(types);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x07, 0x1c, 0x3e})
  void unknownOpcodeIsNotSupported(int opcode) {
    ByteBuffer in = ByteBuffer.allocate(Pdu.BHS_LENGTH).put(0, (byte) (0x40 | opcode));

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> Pdu.decode(in, 0))
        .withMessage("opcode 0x%02x is not supported".formatted(opcode))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RejectReason.COMMAND_NOT_SUPPORTED));
  }

  @ParameterizedTest
  @CsvSource({"0x80,true,false,false", "0x40,false,true,false", "0x20,false,false,true"})
  void eachScsiCommandFlagIsItsOwnBit(int flags, boolean last, boolean read, boolean write) {
    ByteBuffer in = ByteBuffer.allocate(Pdu.BHS_LENGTH).put(0, (byte) 1).put(1, (byte) flags);

    ScsiCommandPdu pdu = ScsiCommandPdu.decode(in, 0);

    assertThat(pdu.last()).isEqualTo(last);
    assertThat(pdu.read()).isEqualTo(read);
    assertThat(pdu.write()).isEqualTo(write);
    assertThat(pdu.immediate()).isFalse();
    ByteBuffer out = filled(Pdu.BHS_LENGTH);
    pdu.encode(out, 0);
    assertThat(out.get(1)).isEqualTo((byte) flags);
  }

  @ParameterizedTest
  @CsvSource({
    "0x80,true,false,0,0",
    "0x40,false,true,0,0",
    "0x0c,false,false,3,0",
    "0x04,false,false,1,0",
    "0x03,false,false,0,3",
    "0x01,false,false,0,1"
  })
  void eachLoginFlagIsItsOwnBits(
      int flags, boolean transit, boolean continued, int current, int next) {
    ByteBuffer in = ByteBuffer.allocate(Pdu.BHS_LENGTH).put(0, (byte) 0x43).put(1, (byte) flags);

    LoginRequestPdu request = LoginRequestPdu.decode(in, 0);
    LoginResponsePdu response = LoginResponsePdu.decode(in, 0);

    assertThat(request.transit()).isEqualTo(response.transit()).isEqualTo(transit);
    assertThat(request.continued()).isEqualTo(response.continued()).isEqualTo(continued);
    assertThat(request.currentStage()).isEqualTo(response.currentStage()).isEqualTo(current);
    assertThat(request.nextStage()).isEqualTo(response.nextStage()).isEqualTo(next);
  }

  @Test
  void loginRequestIsAlwaysImmediate() {
    ByteBuffer in = ByteBuffer.allocate(Pdu.BHS_LENGTH).put(0, (byte) Opcode.LOGIN_REQUEST);
    ByteBuffer out = filled(Pdu.BHS_LENGTH);

    LoginRequestPdu.decode(in, 0).encode(out, 0);

    assertThat(Pdu.immediate(out, 0)).isTrue();
  }

  @Test
  void fieldsThatAreTooWideDoNotSpillIntoTheirNeighbours() {
    ByteBuffer out = filled(Pdu.BHS_LENGTH);
    new RejectPdu(0x109, 0x1000002, 0, 0, 0, 0).encode(out, 0);

    assertThat(Hex.of(out, 0, 8)).isEqualTo("3f80090000000002");
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,4", "3,4", "4,4", "5,8", "16777215,16777216"})
  void segmentsArePaddedToWordsOfFourBytes(int length, int padded) {
    assertThat(Pdu.padded(length)).isEqualTo(padded);
  }

  @Test
  void isidShowsItsParts() {
    Isid isid = new Isid(0x80_1234_56_789aL);

    assertThat(isid.type()).isEqualTo(2);
    assertThat(isid.a()).isZero();
    assertThat(isid.b()).isEqualTo(0x1234);
    assertThat(isid.c()).isEqualTo(0x56);
    assertThat(isid.d()).isEqualTo(0x789a);
    assertThat(isid).hasToString("0x80123456789a");
    assertThat(new Isid(0x7f_ffff_ff_ffffL).type()).isEqualTo(1);
    assertThat(new Isid(0x7f_ffff_ff_ffffL).a()).isEqualTo(0x3f);
    assertThat(new Isid(0x23d000001L)).hasToString("0x00023d000001");
  }

  @Test
  void isidOfMoreThan48BitsIsRefused() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new Isid(1L << 48))
        .withMessage("ISID 0x1000000000000 exceeds 48 bits");
    assertThat(new Isid((1L << 48) - 1)).hasToString("0xffffffffffff");
  }

  private static ByteBuffer filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0xff);
    return ByteBuffer.wrap(bytes);
  }
}
