package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.api.access.ResolutionException.Kind;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets and units that the host finds when an initiator asks for them. */
class ResolverTest {

  private static final IscsiName VOLUME = IscsiName.of("iqn.2026-01.org.iscsi4j.test:volume");

  private final LogicalUnit unit = LogicalUnit.of(MemoryDevice.ofSize(1 << 20));
  private final Volumes volumes = new Volumes();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private TestServer test;

  /** A store that is asked for volumes, and answers when the test does. */
  private static final class Volumes implements TargetResolver {
    private final BlockingQueue<CompletableFuture<Target>> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<Target> released = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<Target> resolve(IscsiName name, Initiator initiator) {
      CompletableFuture<Target> answer = new CompletableFuture<>();
      if (name.equals(VOLUME) && initiator.name().toString().equals(LoginScript.INITIATOR)) {
        asked.add(answer);
      } else {
        answer.completeExceptionally(new AssertionError("asked for " + name));
      }
      return answer;
    }

    @Override
    public void released(Target target) {
      released.add(target);
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(ScriptedInitiator.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private void start() {
    test = TestServer.start(settings -> settings.targetResolver(volumes));
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    test.close();
  }

  private long isid = 0x800000000001L;

  /** Beside the sessions that are there. */
  private CompletableFuture<LoginStatus> loginToVolume(ScriptedInitiator initiator) {
    long next = isid++;
    return CompletableFuture.supplyAsync(
        () -> initiator.login().isid(next).target(VOLUME.toString()).tryPerform().status(),
        threads);
  }

  @Test
  void targetIsFoundWhenItIsAskedFor() throws Exception {
    start();
    Target found = Target.builder(VOLUME.toString()).lun(unit).build();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      CompletableFuture<Target> asked = next(volumes.asked);
      assertThat(login).isNotDone();
      test.assertServes();

      asked.complete(found);

      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);
      initiator.clearUnitAttentions(0).write(0, Patterns.bytes(512, 1));
    }
  }

  @Test
  void targetOfTheServerItselfIsNotSearched() {
    start();

    test.assertServes();

    assertThat(volumes.asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, TARGET_NOT_FOUND",
    "REMOVED, TARGET_REMOVED",
    "FORBIDDEN, AUTHORIZATION_FAILURE",
    "UNAVAILABLE, SERVICE_UNAVAILABLE"
  })
  void failureTellsWhy(Kind kind, LoginStatus status) throws Exception {
    start();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);

      next(volumes.asked).completeExceptionally(new ResolutionException(kind, "as the test says"));

      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(status);
    }
  }

  @Test
  void brokenResolverIsAnErrorOfTheTarget() throws Exception {
    start();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);

      next(volumes.asked).completeExceptionally(new IllegalStateException("a bug"));

      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.TARGET_ERROR);
    }
  }

  @Test
  void foundTargetIsReleasedWhenNobodyUsesItForAWhile() throws Exception {
    test =
        TestServer.start(
            settings -> settings.targetResolver(volumes).loginTimeout(Duration.ofMillis(200)));
    Target found = Target.builder(VOLUME.toString()).lun(unit).build();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      next(volumes.asked).complete(found);
      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);
      initiator.logout();
    }

    assertThat(next(volumes.released)).isSameAs(found);
    assertThat(test.server().targets()).hasSize(1);
  }

  @Test
  void foundTargetIsReleasedWhenTheServerCloses() throws Exception {
    start();
    Target found = Target.builder(VOLUME.toString()).lun(unit).build();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      next(volumes.asked).complete(found);
      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);

      test.close();
    }

    assertThat(volumes.released).containsExactly(found);
  }

  private Target volume() {
    return Target.builder(VOLUME.toString()).lun(unit).build();
  }

  private LoginStatus loginTo(Target found) throws Exception {
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      next(volumes.asked).complete(found);
      LoginStatus status = login.get(10, TimeUnit.SECONDS);
      if (status == LoginStatus.SUCCESS) {
        initiator.logout();
      }
      return status;
    }
  }

  @Test
  void foundTargetThatTheHostRemovesIsReleasedAndFoundAgain() throws Exception {
    start();
    Target first = volume();
    assertThat(loginTo(first)).isEqualTo(LoginStatus.SUCCESS);

    assertThat(test.server().removeTarget(VOLUME).get(10, TimeUnit.SECONDS)).isTrue();

    assertThat(next(volumes.released)).isSameAs(first);
    assertThat(loginTo(volume())).isEqualTo(LoginStatus.SUCCESS);
    assertThat(volumes.released).isEmpty();
  }

  @Test
  void targetIsAskedForAgainWhenOneWasReleasedMeanwhile() throws Exception {
    start();
    Target first = volume();
    assertThat(loginTo(first)).isEqualTo(LoginStatus.SUCCESS);
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      CompletableFuture<Target> asked = next(volumes.asked);
      test.server().removeTarget(VOLUME).get(10, TimeUnit.SECONDS);
      assertThat(next(volumes.released)).isSameAs(first);

      asked.complete(first); // which is closed by now

      next(volumes.asked).complete(volume());
      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);
    }
  }

  @Test
  void foundTargetIsReleasedWhenAnotherReplacesIt() throws Exception {
    start();
    Target first = volume();
    assertThat(loginTo(first)).isEqualTo(LoginStatus.SUCCESS);

    assertThat(loginTo(volume())).isEqualTo(LoginStatus.SUCCESS);

    assertThat(next(volumes.released)).isSameAs(first);
  }

  @Test
  void foundTargetThatComesBackWhileItDrainsIsReleasedOnce() throws Exception {
    start();
    GatedDevice gated = new GatedDevice(1 << 20);
    Target first = Target.builder(VOLUME.toString()).lun(LogicalUnit.of(gated)).build();
    Target second = volume();
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      next(volumes.asked).complete(first);
      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);
      initiator.clearUnitAttentions(0);
      gated.hold();
      Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
      GatedDevice.Call call = gated.awaitCall();

      assertThat(loginTo(second)).isEqualTo(LoginStatus.SUCCESS);
      assertThat(loginTo(first)).isEqualTo(LoginStatus.SUCCESS);
      gated.release();
      call.finish();
      read.await();
    }
    assertThat(test.server().removeTarget(VOLUME).get(10, TimeUnit.SECONDS)).isTrue();
    test.close();

    assertThat(volumes.released).containsExactlyInAnyOrder(second, first);
  }

  @Test
  void whatTheHostChangesOfAFoundTargetHolds() throws Exception {
    start();
    Target found = volume();
    assertThat(loginTo(found)).isEqualTo(LoginStatus.SUCCESS);
    Chap chap = Chap.builder().user("user", "a secret of 16 b").build();

    test.server().changeTarget(VOLUME, now -> now.toBuilder().chap(chap).build());

    assertThat(loginTo(found)).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void resolverThatFailsAtTheEndHoldsNothingUp() throws Exception {
    test =
        TestServer.start(
            settings ->
                settings.targetResolver(
                    new TargetResolver() {
                      @Override
                      public CompletionStage<Target> resolve(IscsiName name, Initiator initiator) {
                        return volumes.resolve(name, initiator);
                      }

                      @Override
                      public void released(Target target) {
                        volumes.released(target);
                        throw new IllegalStateException("a bug");
                      }
                    }));
    Target found = volume();
    assertThat(loginTo(found)).isEqualTo(LoginStatus.SUCCESS);

    test.close();

    assertThat(volumes.released).containsExactly(found);
  }

  @Test
  void targetThatIsSlowToMakeReadyHoldsUpNobodyElse() throws Exception {
    start();
    CountDownLatch ready = new CountDownLatch(1);
    CompletableFuture<Boolean> change = changeThatWaitsFor(ready);
    try (ScriptedInitiator initiator = test.connect()) {
      CompletableFuture<LoginStatus> login = loginToVolume(initiator);
      next(volumes.asked).complete(volume()); // waits for the change

      for (int i = 0; i < 10; i++) {
        test.assertServes();
      }

      assertThat(login).isNotDone();
      ready.countDown();
      assertThat(login.get(10, TimeUnit.SECONDS)).isEqualTo(LoginStatus.SUCCESS);
    }
    assertThat(change.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void closeDoesNotWaitForAChangeThatIsUnderWay() throws Exception {
    start();
    CountDownLatch ready = new CountDownLatch(1);
    CompletableFuture<Boolean> change = changeThatWaitsFor(ready);

    threads.submit(test::close).get(10, TimeUnit.SECONDS);

    assertThat(change).isNotDone();
    ready.countDown();
  }

  /** A change of the host's that is under way when this returns. */
  private CompletableFuture<Boolean> changeThatWaitsFor(CountDownLatch ready) throws Exception {
    CountDownLatch opened = new CountDownLatch(1);
    CompletableFuture<Boolean> change =
        CompletableFuture.supplyAsync(
            () ->
                test.server()
                    .changeTarget(
                        IscsiName.of(TestServer.TARGET),
                        now -> {
                          opened.countDown();
                          awaitQuietly(ready);
                          return now;
                        })
                    .join(),
            threads);
    assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
    return change;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- units

  /** A unit that is found when the test says so. */
  private static final class Shelf implements LogicalUnitResolver {
    private final BlockingQueue<CompletableFuture<LogicalUnit>> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<LogicalUnit> released = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<LogicalUnit> resolve(IscsiName target, int lun, Initiator initiator) {
      CompletableFuture<LogicalUnit> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    }

    @Override
    public void released(LogicalUnit unit) {
      released.add(unit);
    }
  }

  private final Shelf shelf = new Shelf();

  private ScriptedInitiator loginToShelf() {
    test = TestServer.start();
    Target target = test.server().targets().get(0);
    test.server()
        .replaceTarget(
            Target.builder(TestServer.TARGET)
                .lun(target.logicalUnits().get(0))
                .lun(4, shelf)
                .build());
    return test.login();
  }

  @Test
  void unitIsFoundWhenItIsAddressed() throws Exception {
    try (ScriptedInitiator initiator = loginToShelf()) {
      Exchange inquiry = initiator.command(Cdbs.inquiry(36)).lun(4).read(36).send();
      CompletableFuture<LogicalUnit> asked = next(shelf.asked);
      initiator.write(0, Patterns.bytes(512, 1)); // LUN 0 does not wait
      assertThat(inquiry.ended()).isFalse();

      asked.complete(unit);

      assertThat(inquiry.await().data()[0]).isZero();
      initiator.clearUnitAttentions(4);
      Exchange write =
          initiator.command(Cdbs.write10(1, 1)).lun(4).write(Patterns.bytes(512, 9)).await();
      assertThat(write.outcome()).isEqualTo("GOOD");
      assertThat(((MemoryDevice) unit.device()).readBytes(512, 512))
          .isEqualTo(Patterns.bytes(512, 9));
    }
  }

  @ParameterizedTest
  @CsvSource({"NOT_FOUND, 5/25/00", "FORBIDDEN, 5/20/02", "UNAVAILABLE, 2/04/00"})
  void failureIsToldAndTriedAgain(Kind kind, String sense) throws Exception {
    try (ScriptedInitiator initiator = loginToShelf()) {
      Exchange ready = initiator.command(Cdbs.testUnitReady()).lun(4).send();
      next(shelf.asked).completeExceptionally(new ResolutionException(kind, "as the test says"));
      assertThat(ready.await().outcome()).isEqualTo("CHECK CONDITION " + sense);

      Exchange again = initiator.command(Cdbs.testUnitReady()).lun(4).send();
      next(shelf.asked).complete(unit);
      assertThat(again.await().outcome()).startsWith("CHECK CONDITION 6/29/");
    }
  }

  @Test
  void foundUnitIsReleasedWithItsLastSession() throws Exception {
    try (ScriptedInitiator initiator = loginToShelf()) {
      Exchange ready = initiator.command(Cdbs.testUnitReady()).lun(4).send();
      next(shelf.asked).complete(unit);
      ready.await();
      assertThat(shelf.released).isEmpty();

      initiator.logout();
    }
    assertThat(next(shelf.released)).isSameAs(unit);
  }
}
