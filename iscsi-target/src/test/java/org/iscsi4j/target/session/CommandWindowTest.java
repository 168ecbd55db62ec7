package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.session.CommandWindow.Verdict.HOLD;
import static org.iscsi4j.target.session.CommandWindow.Verdict.IGNORE;
import static org.iscsi4j.target.session.CommandWindow.Verdict.RUN;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandWindowTest {

  private static final int DEPTH = 4;

  /** Everything holds wherever the numbers stand, also where they wrap. */
  @ParameterizedTest
  @ValueSource(ints = {0, 100, -2, Integer.MAX_VALUE - 1, Integer.MIN_VALUE})
  void commandsOfAFreshWindow(int first) {
    assertThat(new CommandWindow(DEPTH, first).arrived(first)).isEqualTo(RUN);
    for (int ahead = 1; ahead < DEPTH; ahead++) {
      assertThat(new CommandWindow(DEPTH, first).arrived(first + ahead)).isEqualTo(HOLD);
    }
    for (int outside : new int[] {DEPTH, DEPTH + 1, 1 << 20, -1, -2, -(1 << 20)}) {
      assertThat(new CommandWindow(DEPTH, first).arrived(first + outside)).isEqualTo(IGNORE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -2, Integer.MAX_VALUE - 1})
  void commandThatRunsMovesTheWindow(int first) {
    CommandWindow window = new CommandWindow(DEPTH, first);

    for (int i = 0; i < 3 * DEPTH; i++) {
      assertThat(window.expCmdSn()).isEqualTo(first + i);
      assertThat(window.arrived(first + i)).isEqualTo(RUN);
      assertThat(window.arrived(first + i)).isEqualTo(IGNORE);
      assertThat(window.maxCmdSn(0)).isEqualTo(first + i + DEPTH);
    }
  }

  @Test
  void outstandingCommandsCloseTheWindow() {
    CommandWindow window = new CommandWindow(DEPTH, 10);
    for (int i = 0; i < DEPTH; i++) {
      assertThat(window.arrived(10 + i)).isEqualTo(RUN);
    }

    assertThat(window.maxCmdSn(DEPTH)).isEqualTo(window.expCmdSn() - 1);
    assertThat(window.arrived(10 + DEPTH)).isEqualTo(IGNORE);
    // one ends: there is room for one
    assertThat(window.maxCmdSn(DEPTH - 1)).isEqualTo(window.expCmdSn());
    assertThat(window.arrived(10 + DEPTH)).isEqualTo(RUN);
    assertThat(window.arrived(10 + DEPTH + 1)).isEqualTo(IGNORE);
  }

  @Test
  void windowNeverGoesBack() {
    CommandWindow window = new CommandWindow(DEPTH, 10);
    window.arrived(10);

    assertThat(window.maxCmdSn(0)).isEqualTo(14);
    // what was promised stays promised, although more is outstanding than the window has room for
    assertThat(window.maxCmdSn(3)).isEqualTo(14);
    assertThat(window.arrived(14)).isEqualTo(HOLD);
  }

  @Test
  void windowOpensOnlyWhenTheInitiatorWasTold() {
    CommandWindow window = new CommandWindow(DEPTH, 10);
    window.arrived(10);

    // the initiator knows MaxCmdSN 13 from its login
    assertThat(window.arrived(14)).isEqualTo(IGNORE);
    window.maxCmdSn(0);
    assertThat(window.arrived(14)).isEqualTo(HOLD);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, -3, Integer.MAX_VALUE - 3})
  void windowThatOpensIsNewsUntilItIsTold(int first) {
    CommandWindow window = new CommandWindow(DEPTH, first);
    for (int i = 0; i < DEPTH; i++) {
      window.arrived(first + i);
    }

    assertThat(window.isNews(DEPTH)).isFalse();
    assertThat(window.isNews(DEPTH - 1)).isTrue();
    window.maxCmdSn(DEPTH - 1);
    assertThat(window.isNews(DEPTH - 1)).isFalse();
    assertThat(window.isNews(DEPTH)).isFalse(); // it does not close again
  }
}
