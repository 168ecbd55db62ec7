package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitedCommandsTest {

  private final AwaitedCommands commands = new AwaitedCommands();
  private final List<String> done = new ArrayList<>();

  @Test
  void workRunsOnceWhenAllCommandsBeforeItHaveCome() {
    commands.await(12, () -> done.add("twelve"));
    commands.await(11, () -> done.add("eleven"));

    commands.came(10);
    assertThat(done).isEmpty();
    commands.came(11);
    assertThat(done).containsExactly("eleven");
    commands.came(13);
    commands.came(14);

    assertThat(done).containsExactly("eleven", "twelve");
  }

  @Test
  void cmdSnsWrapAround() {
    commands.await(1, () -> done.add("one"));

    commands.came(0xffff_ffff);
    assertThat(done).isEmpty();
    commands.came(1);

    assertThat(done).containsExactly("one");
  }

  @Test
  void whatIsForgottenDoesNotRun() {
    Runnable work = () -> done.add("forgotten");
    commands.await(1, work);

    commands.forget(work);
    commands.came(1);

    assertThat(done).isEmpty();
  }
}
