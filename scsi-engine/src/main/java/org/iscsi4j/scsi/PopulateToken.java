package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;

import java.nio.ByteBuffer;

/** POPULATE TOKEN (SBC-4 clause 5.15): makes a token of ranges of this unit, in no time. */
final class PopulateToken implements CommandHandler {

  static final int ACTION = 0x10;

  static final Command ROW =
      Command.ofAction(
          "POPULATE TOKEN",
          ACTION,
          "83 10 00000000 ffffffff ffffffff 00 00",
          new PopulateToken(),
          NEEDS_MEDIUM);

  private static final int HEADER_LENGTH = 16;
  private static final int RTV = 0x02;

  private PopulateToken() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    ThirdPartyCopy.requestTokenList(task, HEADER_LENGTH);
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (!ThirdPartyCopy.wholeTokenList(task, data)) {
      return;
    }
    ByteBuffer list = data.slice();
    BlockRanges ranges = new BlockRanges(list, HEADER_LENGTH);
    Sense refusal = check(unit, list, ranges);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    CopyOperation operation = ThirdPartyCopy.tokenOperation(task, list);
    long[] bounds = ranges.bounds(unit.geometry().blockSize());
    int asked = list.getInt(4);
    TargetPort port = task.nexus().targetPort();
    unit.copies()
        .start(task, operation, true, own -> populate(unit, own, operation, port, bounds, asked));
  }

  private static Sense check(DeviceServer unit, ByteBuffer list, BlockRanges ranges) {
    Sense refusal = ranges.check(unit.geometry());
    if (!refusal.isNone()) {
      return refusal;
    }
    if (ranges.blocks() == 0) {
      return Sense.invalidFieldInParameterList(HEADER_LENGTH - 2);
    }
    if (Integer.toUnsignedLong(list.getInt(4)) > CopyLimits.MAX_INACTIVITY) {
      return Sense.invalidFieldInParameterList(4); // INACTIVITY TIMEOUT
    }
    boolean typeAsked = (list.get(2) & RTV) != 0;
    return typeAsked && list.getInt(8) != RodToken.ACCESS_UPON_REFERENCE
        ? Sense.invalidFieldInParameterList(8)
        : Sense.NONE;
  }

  private static void populate(
      DeviceServer unit,
      ScsiTask task,
      CopyOperation operation,
      TargetPort port,
      long[] bounds,
      int asked) {
    int inactivity = asked == 0 ? CopyLimits.DEFAULT_INACTIVITY : asked;
    String creator = task.nexus().initiatorDevice();
    RodToken token = unit.tokens().create(creator, unit, port, bounds, inactivity);
    if (token == null) {
      operation.end(task, CopySense.INSUFFICIENT_RESOURCES_FOR_TOKEN);
      return;
    }
    operation.made(token);
    operation.copied(token.length());
    for (int range = 0; range < bounds.length; range += 2) {
      operation.segmentDone();
    }
    operation.end(task, Sense.NONE);
  }
}
