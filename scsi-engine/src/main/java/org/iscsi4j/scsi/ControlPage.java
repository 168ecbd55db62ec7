package org.iscsi4j.scsi;

/** The control mode page and its extension (SPC-4 clauses 7.5.8 and 7.5.9). */
final class ControlPage {

  static final int CODE = 0x0a;

  /** TST of a task set for each nexus, the last value that is not reserved. */
  static final int PER_NEXUS = 0x01;

  /**
   * GLTSD: no log parameters are saved unasked. Commands may be done in any order, and BUSY may
   * last. Changeable are TST, D_SENSE, QERR, UA_INTLCK_CTRL, SWP and TAS.
   */
  static final ModePage PAGE =
      ModePage.of(CODE, 0, "02 10 00 00 0000 ffff 0000", "e4 06 38 40 0000 0000 0000")
          .checked(ControlPage::check)
          // with a task set each, nexuses wait for each other no longer
          .then(DeviceServer::promoteAll);

  /**
   * The host sets the clock until SET TIMESTAMP does (TCMOS, SCSIP); access states may change
   * unasked (IALUAE).
   */
  static final ModePage EXTENSION = ModePage.fixed(CODE, 0x01, "07 00 00" + "00".repeat(25));

  /** Where the fields stand behind the page header. */
  private static final int TST_AT = 0;

  private static final int QERR_AT = 1;
  private static final int UA_INTLCK_AT = 2;
  private static final int TAS_AT = 3;

  private static final int D_SENSE = 0x04;
  private static final int SWP = 0x08;
  private static final int TAS = 0x40;

  /** QERR: an error of one command leaves the others alone. */
  static final int ABORT_NONE = 0;

  /** QERR: an error of one command ends all others of the task set. */
  static final int ABORT_ALL = 1;

  private static final int RESERVED_QERR = 0x02;
  private static final int RESERVED_UA_INTLCK = 0x01;

  private ControlPage() {}

  private static Sense check(byte[] proposed, int at) {
    if (taskSetType(proposed) > PER_NEXUS) {
      return Sense.invalidFieldInParameterList(at + TST_AT, 7);
    }
    if (queueErrorManagement(proposed) == RESERVED_QERR) {
      return Sense.invalidFieldInParameterList(at + QERR_AT, 2);
    }
    return unitAttentionInterlock(proposed) == RESERVED_UA_INTLCK
        ? Sense.invalidFieldInParameterList(at + UA_INTLCK_AT, 5)
        : Sense.NONE;
  }

  /** TST. */
  static int taskSetType(byte[] values) {
    return values[TST_AT] >> 5 & 0x07;
  }

  /** D_SENSE. */
  static boolean descriptorSense(byte[] values) {
    return (values[TST_AT] & D_SENSE) != 0;
  }

  /** QERR. */
  static int queueErrorManagement(byte[] values) {
    return values[QERR_AT] >> 1 & 0x03;
  }

  /** UA_INTLCK_CTRL. */
  static int unitAttentionInterlock(byte[] values) {
    return values[UA_INTLCK_AT] >> 4 & 0x03;
  }

  /** SWP. */
  static boolean softwareWriteProtect(byte[] values) {
    return (values[UA_INTLCK_AT] & SWP) != 0;
  }

  /** TAS. */
  static boolean taskAbortedStatus(byte[] values) {
    return (values[TAS_AT] & TAS) != 0;
  }
}
