package org.iscsi4j.examples.daemon.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.iscsi4j.examples.daemon.Client;
import org.iscsi4j.examples.daemon.RealClients;
import org.iscsi4j.target.IscsiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a browser without a window: what its script made of it, and whether it complained.
 */
@RealClients({"chromium", "libiscsi-bin"})
class StatusPageIT {

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a browser writes to its log about a script's words, its errors and broken policies. */
  private static final String COMPLAINT = ":CONSOLE";

  /** Some seconds of the page's clock, which runs ahead while nothing is fetched. */
  private static final String PAGE_TIME = "--virtual-time-budget=8000";

  private static final String STRANGER = "iqn.2026-11.org.example:<script>alert(1)</script>";

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void aBrowserShowsRowsAndPlotsOfWhatAClientDoes() throws Exception {
    StatusServer status = busy();

    String page = dump(status.uri().toString());

    assertThat(page).contains("<html lang=\"en\" class=\"live\">", ">Live</span>");
    assertThat(page).contains("aria-label=\"Throughput of the last 5 minutes: read now ");
    for (String plot : List.of("throughput", "operations", "latency", "queue")) {
      assertThat(figure(page, plot))
          .as(plot)
          .containsPattern("<polyline class=\"line [^>]*points=");
      assertThat(figure(page, plot)).as(plot).contains("role=\"img\"", ">now</text>");
    }
    assertThat(figure(page, "throughput"))
        .containsPattern("read now [^;]*, at most [0-9.,]+ [KM]iB/s");
    assertThat(figure(page, "operations")).containsPattern("reads now [^;]*, at most [0-9.,]+/s");
    assertThat(figure(page, "latency")).containsPattern("p99 now [^;]*, at most [0-9.,]+ [µm]?s");
    assertThat(page).containsPattern("<td class=\"spark\"><svg [^>]*aria-label=\"at most [0-9]");
    assertThat(page)
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
        .doesNotContain("<script>alert")
        .doesNotContain(COMPLAINT);
  }

  @Test
  void aUnitHasPlotsOfItsOwn() throws Exception {
    StatusServer status = busy();

    String busyOne = dump(status.uri() + "?target=iqn.2026-11.org.example%3Adisk&lun=0");
    String idleOne = dump(status.uri() + "?target=iqn.2026-11.org.example%3Adisk&lun=1");

    assertThat(busyOne).contains("Activity of LUN 0 of " + Seen.TARGET);
    assertThat(figure(busyOne, "throughput")).containsPattern("read now [^;]*, at most [0-9]");
    assertThat(idleOne).contains("Activity of LUN 1 of " + Seen.TARGET);
    assertThat(figure(idleOne, "throughput")).contains("read now none, at most none");
    assertThat(busyOne + idleOne).doesNotContain(COMPLAINT);
  }

  @Test
  void rowsComeAndGoWithoutLoadingThePageAgain() throws Exception {
    UnitSnapshot unit = Seen.unit(UnitStatistics.NONE);
    AtomicBoolean loaded = new AtomicBoolean();
    CountDownLatch changed = new CountDownLatch(1);
    StatusServer status =
        keep(
            StatusServer.start(
                () -> snapshot(loaded.get(), changed, unit),
                () -> described(loaded, changed),
                ANY_PORT,
                new LoginCounts()));

    String page = dump(status.uri().toString());

    assertThat(page)
        .contains(
            "<tr data-key=\"" + Seen.TARGET + " 3\">", "<tr data-key=\"" + Seen.TARGET + " 4\">")
        .contains("Units <small>2 of 1 target</small>", ">Live</span>")
        .doesNotContain(COMPLAINT);
  }

  private static CompletableFuture<ServerSnapshot> snapshot(
      boolean more, CountDownLatch changed, UnitSnapshot unit) {
    if (!more) {
      return CompletableFuture.completedFuture(Seen.server(unit));
    }
    changed.countDown();
    return CompletableFuture.completedFuture(Seen.server(unit, unit));
  }

  /** Is asked when a page is made, whose snapshot was taken: what comes next is another one. */
  private static List<Target> described(AtomicBoolean loaded, CountDownLatch changed) {
    if (loaded.compareAndSet(false, true)) {
      try {
        assertThat(changed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return List.of();
  }

  @Test
  void thePageIsDrawnInLightAndDark() throws Exception {
    StatusServer status = busy();
    int light = corner(status, "--blink-settings=preferredColorScheme=1");
    int dark = corner(status, "--blink-settings=preferredColorScheme=0");

    assertThat(light).as("the light background").isEqualTo(0xfff7f8f9);
    assertThat(dark).as("the dark background").isEqualTo(0xff14181c);
  }

  /** So that silence means something. */
  @Test
  void aComplaintWouldBeSeen() throws Exception {
    Path page = Files.writeString(folder.resolve("bad.html"), "<script>nothing.there()</script>");

    assertThat(dump(page.toUri().toString())).contains(COMPLAINT);
  }

  // ---- a server at work

  /** A server with a disk that a client reads, and one that nobody does. */
  private StatusServer busy() throws Exception {
    LogicalUnit disk =
        LogicalUnit.builder(MemoryDevice.ofSize(16 << 20))
            .rateLimit(RateLimit.operationsPerSecond(2000))
            .build();
    IscsiServer server =
        IscsiServer.builder()
            .target(Target.builder(Seen.TARGET).lun(disk).lun(MemoryDevice.ofSize(1 << 20)).build())
            .start();
    open.add(server);
    StatusServer status = keep(StatusServer.start(server, ANY_PORT, new LoginCounts()));
    Process client =
        new ProcessBuilder("iscsi-perf", "-i", STRANGER, "-t", "600", server.uris().get(0))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("client").toFile())
            .start();
    open.add(0, () -> client.destroyForcibly().waitFor());
    await(status, json -> reads(json) >= 3);
    return status;
  }

  private static long reads(JsonNode json) {
    long busy = 0;
    for (JsonNode each : json.at("/history/readsPerSecond")) {
      busy += each.asDouble() > 0 ? 1 : 0;
    }
    return busy;
  }

  private void await(StatusServer status, Predicate<JsonNode> condition) throws Exception {
    URI json = status.uri().resolve("status.json");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.test(read(json))) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      Thread.sleep(50); // spares the client the processor
    }
  }

  private static JsonNode read(URI json) throws IOException {
    try (InputStream in = json.toURL().openStream()) {
      return new ObjectMapper().readTree(in);
    }
  }

  private StatusServer keep(StatusServer status) {
    open.add(0, status);
    return status;
  }

  // ---- a browser

  private String dump(String url) throws Exception {
    return browse("--dump-dom", url);
  }

  /** The colour of the page's corner. */
  private int corner(StatusServer status, String scheme) throws Exception {
    Path image = folder.resolve("page.png");
    browse(scheme, "--window-size=800,600", "--screenshot=" + image, status.uri().toString());
    return ImageIO.read(image.toFile()).getRGB(2, 2);
  }

  /** What a browser wrote, its log included. */
  private String browse(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile"),
                "--enable-logging=stderr",
                PAGE_TIME));
    command.addAll(List.of(arguments));
    Client browser = Client.run(PATIENCE, Map.of(), command);
    assertThat(browser.status()).as(browser.output()).isZero();
    return new String(browser.output().getBytes(ISO_8859_1), UTF_8);
  }

  private static String figure(String page, String plot) {
    return Pattern.compile("<figure data-plot=\"" + plot + "\">.*?</figure>", Pattern.DOTALL)
        .matcher(page)
        .results()
        .findFirst()
        .orElseThrow(() -> new AssertionError("no plot of " + plot + " in " + page))
        .group();
  }
}
