package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/**
 * WRITE USING TOKEN (SBC-4 clause 5.52): writes what a token stands for, or zeroes, to ranges of
 * this unit. All of its ranges are locked at once, so the command is atomic to other changes of
 * them.
 */
final class WriteUsingToken implements CommandHandler {

  static final int ACTION = 0x11;

  static final Command ROW =
      Command.ofAction(
          "WRITE USING TOKEN",
          ACTION,
          "83 11 00000000 ffffffff ffffffff 00 00",
          new WriteUsingToken(),
          WRITES,
          NEEDS_MEDIUM);

  private static final int HEADER_LENGTH = 536;
  private static final int OFFSET_AT = 8;
  private static final int TOKEN_AT = 16;
  private static final int DEL_TKN = 0x02;

  private WriteUsingToken() {}

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
    Geometry geometry = unit.geometry();
    Sense refusal = ranges.check(geometry);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    ByteBuffer token = list.slice(TOKEN_AT, RodToken.LENGTH);
    RodTokens.Found found = find(unit, task.nexus(), token);
    refusal =
        found.token() == null ? found.refusal() : check(geometry, list, ranges, found.token());
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    CopyOperation operation = ThirdPartyCopy.tokenOperation(task, list);
    long[] bounds = ranges.bounds(geometry.blockSize());
    long offset = found.token() == null ? 0 : list.getLong(OFFSET_AT) * geometry.blockSize();
    boolean delete = (list.get(2) & DEL_TKN) != 0;
    Writer writer =
        new Writer(
            unit,
            task.nexus(),
            operation,
            found.token(),
            delete,
            bounds,
            RodToken.stretches(found.token(), offset, unit, bounds));
    unit.copies().start(task, operation, true, writer::write);
  }

  /** The token of an initiator; none, and nothing to refuse, when it is the one of zeroes. */
  private static RodTokens.Found find(DeviceServer unit, Nexus nexus, ByteBuffer token) {
    int type = RodToken.type(token);
    boolean zeroes = type == RodToken.BLOCK_DEVICE_ZERO;
    if (!zeroes && type != RodToken.ACCESS_UPON_REFERENCE) {
      return new RodTokens.Found(null, CopySense.UNSUPPORTED_TOKEN_TYPE);
    }
    if (!RodToken.lengthFits(token)) {
      return new RodTokens.Found(null, CopySense.INVALID_TOKEN_LENGTH);
    }
    if (zeroes) {
      return new RodTokens.Found(null, Sense.NONE);
    }
    RodTokens.Found found = unit.tokens().use(token);
    boolean reachable = found.token() == null || reaches(nexus, found.token().source());
    return reachable ? found : new RodTokens.Found(null, CopySense.TOKEN_UNKNOWN);
  }

  private static boolean reaches(Nexus nexus, DeviceServer source) {
    return nexus.router().reachable().from(nexus).stream()
        .anyMatch(each -> each.serverOrNull() == source);
  }

  /** Whether the token holds what the ranges ask for. */
  private static Sense check(
      Geometry geometry, ByteBuffer list, BlockRanges ranges, RodToken token) {
    if (token.blockSize() != geometry.blockSize()
        || token.source().geometry().blockSize() != geometry.blockSize()) {
      return CopySense.INVALID_TOKEN_OPERATION;
    }
    long offset = list.getLong(OFFSET_AT); // OFFSET INTO ROD, in blocks
    long blocks = token.length() / geometry.blockSize();
    if (offset < 0 || offset >= blocks) {
      return Sense.invalidFieldInParameterList(OFFSET_AT);
    }
    return ranges.blocks() > blocks - offset ? CopySense.DATA_UNDERRUN : Sense.NONE;
  }

  /** Writes the stretches of one command, one after the other. */
  private static final class Writer {

    private final DeviceServer unit;

    /** On whose behalf, also when the copy has gone to the background. */
    private final Nexus initiator;

    private final CopyOperation operation;

    /** Null for zeroes. */
    private final RodToken token;

    private final boolean delete;
    private final long[] bounds;
    private final List<CopyStream.Stretch> stretches;

    private ScsiTask task;
    private CopyStream stream;
    private int at;

    Writer(
        DeviceServer unit,
        Nexus initiator,
        CopyOperation operation,
        RodToken token,
        boolean delete,
        long[] bounds,
        List<CopyStream.Stretch> stretches) {
      this.unit = unit;
      this.initiator = initiator;
      this.operation = operation;
      this.token = token;
      this.delete = delete;
      this.bounds = bounds;
      this.stretches = stretches;
    }

    void write(ScsiTask with) {
      task = with;
      stream = new CopyStream(with, operation);
      task.lockRanges(unit.io(), bounds, this::next);
    }

    private void next() {
      if (at == stretches.size()) {
        end();
      } else if (!readable()) {
        operation.end(task, CopySense.THIRD_PARTY_DEVICE_FAILURE);
      } else {
        stream.copy(stretches.get(at), this::copied);
      }
    }

    private boolean readable() {
      return token == null
          || (reaches(initiator, token.source())
              && token.source().accessRefusal(initiator, false).isNone());
    }

    private void copied(Sense outcome) {
      if (outcome.isNone()) {
        at++;
        next();
      } else {
        operation.end(task, told(outcome));
      }
    }

    /** A fault of this unit is told as any write would, one of the source as its copy manager. */
    private Sense told(Sense outcome) {
      if (operation.stopping()) {
        return CopySense.ABORTED;
      }
      boolean elsewhere = stream.failedAtSource() || DeviceIo.isBusy(outcome);
      return elsewhere ? CopySense.THIRD_PARTY_DEVICE_FAILURE : outcome;
    }

    private void end() {
      for (int range = 0; range < bounds.length; range += 2) {
        operation.segmentDone();
      }
      if (token != null && delete) {
        unit.tokens().delete(token);
      } else if (token != null) {
        unit.tokens().used(token);
      }
      operation.end(task, Sense.NONE);
    }
  }
}
