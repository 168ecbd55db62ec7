package org.iscsi4j.target.session;

import org.iscsi4j.protocol.SerialNumber;

/** Which commands may come, and in what order they run (RFC 7143 section 4.2.2.1). */
final class CommandWindow {

  private final int depth;
  private int expCmdSn;
  private int maxCmdSn;

  /** What becomes of a command. */
  enum Verdict {
    /** It is the next one. */
    RUN,
    /** It is inside the window, and others must come before it. */
    HOLD,
    /** It is outside the window or came before: it is not answered. */
    IGNORE
  }

  /**
   * A window at the start of a session.
   *
   * @param depth commands that may be outstanding at once
   * @param firstCmdSn CmdSN of the login, which the first command has too
   */
  CommandWindow(int depth, int firstCmdSn) {
    this.depth = depth;
    expCmdSn = firstCmdSn;
    maxCmdSn = firstCmdSn + depth - 1;
  }

  /** A command that is not immediate came; when it runs, the window expects the next one. */
  Verdict arrived(int cmdSn) {
    if (cmdSn == expCmdSn) {
      if (SerialNumber.lessThan(maxCmdSn, expCmdSn)) {
        return Verdict.IGNORE; // the window is closed
      }
      expCmdSn++;
      return Verdict.RUN;
    }
    boolean inside =
        SerialNumber.lessThan(expCmdSn, cmdSn) && SerialNumber.lessOrEqual(cmdSn, maxCmdSn);
    return inside ? Verdict.HOLD : Verdict.IGNORE;
  }

  /** The CmdSN that comes next. */
  int expCmdSn() {
    return expCmdSn;
  }

  /**
   * The highest CmdSN that may come now. It never goes back.
   *
   * @param outstanding commands that came through the window and have not ended
   */
  int maxCmdSn(int outstanding) {
    if (isNews(outstanding)) {
      maxCmdSn = expCmdSn + depth - outstanding - 1;
    }
    return maxCmdSn;
  }

  /** The highest CmdSN that the initiator was told. */
  int toldMaxCmdSn() {
    return maxCmdSn;
  }

  /** Whether more may come than the initiator was told last. */
  boolean isNews(int outstanding) {
    return SerialNumber.lessThan(maxCmdSn, expCmdSn + depth - outstanding - 1);
  }
}
