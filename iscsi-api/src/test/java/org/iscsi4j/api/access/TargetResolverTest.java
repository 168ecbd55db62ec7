package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.junit.jupiter.api.Test;

class TargetResolverTest {

  private static final IscsiName DISK = IscsiName.of("iqn.2001-04.com.example:disk");
  private static final IscsiName TAPE = IscsiName.of("iqn.2001-04.com.example:tape");

  private final Initiator host = Initiators.named("host");
  private final Target disk = Target.builder(DISK).build();
  private final Target tape =
      Target.builder(TAPE)
          .access(AccessRules.allow(InitiatorGroup.named(Initiators.PREFIX + "backup")))
          .build();
  private final TargetResolver list = TargetResolver.of(List.of(tape, disk));

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().getNow(null);
  }

  @Test
  void listOfTargetsFindsThemByName() {
    assertThat(now(list.resolve(DISK, host))).isSameAs(disk);
    assertThat(now(list.resolve(TAPE, host))).isSameAs(tape); // whom it lets in is asked there
  }

  @Test
  void listOfTargetsKnowsNoOthers() {
    CompletableFuture<Target> found =
        list.resolve(IscsiName.of("iqn.2001-04.com.example:none"), host).toCompletableFuture();

    assertThatThrownBy(found::join)
        .cause()
        .isInstanceOfSatisfying(
            ResolutionException.class,
            e -> assertThat(e.kind()).isEqualTo(ResolutionException.Kind.NOT_FOUND))
        .hasMessage("there is no target iqn.2001-04.com.example:none");
  }

  @Test
  void listOfTargetsShowsThoseThatLetTheInitiatorIn() {
    assertThat(now(list.visibleTo(host))).containsExactly(DISK);
    assertThat(now(list.visibleTo(Initiators.named("backup")))).containsExactly(DISK, TAPE);
  }

  @Test
  void namesOfAListDiffer() {
    List<Target> twice = List.of(disk, Target.builder(DISK).build());

    assertThatThrownBy(() -> TargetResolver.of(twice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target " + DISK + " stands twice");
  }

  @Test
  void showsNothingUnlessOverridden() {
    TargetResolver least = (name, initiator) -> CompletableFuture.completedFuture(disk);

    Collection<IscsiName> visible = now(least.visibleTo(host));

    assertThat(visible).isEmpty();
    least.released(disk);
  }

  @Test
  void failuresHaveAKind() {
    Throwable cause = new IllegalStateException("down");

    assertThat(ResolutionException.notFound("a"))
        .hasMessage("a")
        .extracting(ResolutionException::kind)
        .isEqualTo(ResolutionException.Kind.NOT_FOUND);
    assertThat(ResolutionException.removed("b").kind()).isEqualTo(ResolutionException.Kind.REMOVED);
    assertThat(ResolutionException.forbidden("c").kind())
        .isEqualTo(ResolutionException.Kind.FORBIDDEN);
    assertThat(ResolutionException.unavailable("d", cause))
        .hasMessage("d")
        .hasCause(cause)
        .extracting(ResolutionException::kind)
        .isEqualTo(ResolutionException.Kind.UNAVAILABLE);
  }
}
