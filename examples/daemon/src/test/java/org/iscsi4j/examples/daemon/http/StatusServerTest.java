package org.iscsi4j.examples.daemon.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.target.IscsiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The status page's server, by its clients. */
@Timeout(120)
class StatusServerTest {

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  // ---- what there is

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/|text/html; charset=utf-8|<!doctype html>",
        "/status.json|application/json|{\"server\":",
        "/metrics|text/plain; version=0.0.4; charset=utf-8|# HELP iscsi_build_info",
        "/status.css|text/css; charset=utf-8|:root {",
        "/status.js|text/javascript; charset=utf-8|// Keeps",
        "/icon.svg|image/svg+xml|<svg"
      })
  void everythingHasItsTypeAndItsSafetyHeaders(String path, String type, String beginning)
      throws Exception {
    HttpResponse<String> answer = get(serve(), path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith(beginning);
    assertThat(header(answer, "Content-Type")).isEqualTo(type);
    assertSafe(answer);
  }

  private static void assertSafe(HttpResponse<?> answer) {
    assertThat(header(answer, "Content-Security-Policy"))
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "http:");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void aLiveServerShowsItsUnitsAndItsMetrics() throws Exception {
    StatusServer status = serve();

    JsonNode json = new ObjectMapper().readTree(get(status, "/status.json").body());
    MetricsText metrics = MetricsText.of(get(status, "/metrics").body());

    assertThat(json.at("/targets/0/name").asText()).isEqualTo(Seen.TARGET);
    assertThat(json.at("/targets/0/alias").asText()).isEqualTo("An alias");
    assertThat(json.at("/targets/0/units/0/sizeBytes").asLong()).isEqualTo(1 << 20);
    assertThat(metrics.value("iscsi_unit_ready", "target=\"" + Seen.TARGET + '"', "lun=\"0\""))
        .isEqualTo(1);
    assertThat(metrics.value("iscsi_portals")).isEqualTo(1);
    assertThat(get(status, "/").body()).contains(Seen.TARGET, "An alias");
  }

  @Test
  void headHasTheHeadersAndNoBody() throws Exception {
    StatusServer status = serve();
    HttpRequest head =
        request(status, "/status.css").method("HEAD", BodyPublishers.noBody()).build();

    HttpResponse<String> answer = client.send(head, BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(header(answer, "Content-Length"))
        .isEqualTo(Integer.toString(Pages.resource("status.css").length));
  }

  @Test
  void theHistoryIsKeptWhileNobodyLooks() throws Exception {
    StatusServer status = serve();

    await(() -> get(status, "/status.json").body().contains("\"ageSeconds\":[1."));
  }

  // ---- what there is not

  @ParameterizedTest
  @ValueSource(strings = {"/other", "/status.json/", "/../etc/passwd", "/page.html", "/%2e%2e/x"})
  void thereIsNothingElse(String path) throws Exception {
    HttpResponse<String> answer = get(serve(), path);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertSafe(answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"})
  void nothingCanBeChanged(String method) throws Exception {
    StatusServer status = serve();
    String answer = raw(status, method + " /health HTTP/1.1\r\nHost: localhost\r\n");

    assertThat(answer).startsWith("HTTP/1.1 405 ").contains("\r\nAllow: GET, HEAD\r\n");
  }

  @Test
  void aQueryThatMakesNoSenseIsRefused() throws Exception {
    HttpResponse<String> answer = get(serve(), "/status.json?lun=x");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("expected target=NAME&lun=NUMBER\n");
  }

  @Test
  void aNameThatWasBoundAnewGetsNothing() throws Exception {
    StatusServer status = serve();

    assertThat(raw(status, "GET / HTTP/1.1\r\nHost: evil.example\r\n"))
        .startsWith("HTTP/1.1 421 ")
        .doesNotContain(Seen.TARGET);
    assertThat(raw(status, "GET / HTTP/1.1\r\nHost: localhost:1234\r\n")).contains(Seen.TARGET);
    assertThat(raw(status, "GET /health HTTP/1.0\r\n")).contains("200 OK");
  }

  @Test
  void aRequestHasBounds() throws Exception {
    StatusServer status = serve();

    assertThat(raw(status, "GET / HTTP/1.1\r\nHost: localhost\r\nA: " + "a".repeat(40_000)))
        .doesNotContain("200 OK");
    assertThat(raw(status, "GET / HTTP/1.1\r\nHost: localhost\r\n" + fields(100)))
        .doesNotContain("200 OK");
    assertThat(raw(status, "GET / HTTP/1.1\r\nHost: localhost\r\n" + fields(10)))
        .contains("200 OK");
  }

  private static String fields(int count) {
    return IntStream.range(0, count).mapToObj(i -> "A" + i + ": b\r\n").collect(joining());
  }

  // ---- health

  @Test
  void aServerThatServesIsHealthyUntilItIsClosed() throws Exception {
    IscsiServer server = server();
    StatusServer status = status(server);
    await(() -> get(status, "/health").body().equals("ok\n"));

    server.close();

    await(() -> get(status, "/health").statusCode() == 503);
    assertSafe(get(status, "/health"));
  }

  @Test
  void aServerThatHangsIsNotHealthyAndHoldsNobodyUp() throws Exception {
    CompletableFuture<ServerSnapshot> never = new CompletableFuture<>();
    StatusServer status = status(never);

    HttpResponse<String> answer = get(status, "/health");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("an event loop has not answered for 800 ms\n");
    assertThat(get(status, "/metrics").statusCode()).isEqualTo(503);
  }

  @Test
  void aLoopThatDoesNotAnswerIsNotHealthy() throws Exception {
    ServerSnapshot part = Seen.server(false, List.of());
    StatusServer status = status(CompletableFuture.completedFuture(part));

    assertThat(get(status, "/health").body()).isEqualTo("an event loop does not answer\n");
    assertThat(get(status, "/").body()).contains("id=\"incomplete\">");
  }

  // ---- bounds

  @Test
  void manyRequestsCostFewSnapshots() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    long begin = System.nanoTime();
    StatusServer status =
        keep(
            StatusServer.start(
                () -> {
                  taken.incrementAndGet();
                  return CompletableFuture.completedFuture(Seen.server());
                },
                List::of,
                ANY_PORT,
                new LoginCounts()));
    for (int i = 0; i < 100; i++) {
      get(status, "/metrics");
    }

    long mayBe = 1 + (System.nanoTime() - begin) / SnapshotCache.AGE.toNanos();
    assertThat(taken.get()).isBetween(1, (int) mayBe);
  }

  @Test
  void theEndCutsWhatHangs() throws Exception {
    StatusServer status = status(new CompletableFuture<>());
    CompletableFuture<HttpResponse<String>> hanging =
        client.sendAsync(request(status, "/metrics").build(), BodyHandlers.ofString());

    status.close();

    assertThatThrownBy(() -> get(status, "/health")).isInstanceOf(ConnectException.class);
    assertThat(hanging.handle((answer, cut) -> true).get()).isTrue();
  }

  @Test
  void anAddressThatIsTakenIsSaid() throws Exception {
    URI first = serve().uri();
    InetSocketAddress taken = new InetSocketAddress(first.getHost(), first.getPort());

    assertThatThrownBy(() -> StatusServer.start(server(), taken, new LoginCounts()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the status page can't listen on 127.0.0.1:" + first.getPort());
  }

  // ---- help

  private IscsiServer server() throws IOException {
    Target target =
        Target.builder(Seen.TARGET).alias("An alias").lun(MemoryDevice.ofSize(1 << 20)).build();
    IscsiServer server = IscsiServer.builder().target(target).start();
    open.add(server);
    return server;
  }

  private StatusServer serve() throws IOException {
    return status(server());
  }

  private StatusServer status(IscsiServer server) throws IOException {
    return keep(StatusServer.start(server, ANY_PORT, new LoginCounts()));
  }

  private StatusServer status(CompletableFuture<ServerSnapshot> snapshot) throws IOException {
    return keep(StatusServer.start(() -> snapshot, List::of, ANY_PORT, new LoginCounts()));
  }

  private StatusServer keep(StatusServer status) {
    open.add(0, status);
    return status;
  }

  private static HttpRequest.Builder request(StatusServer status, String path) {
    return HttpRequest.newBuilder(URI.create(status.uri().toString().replaceAll("/$", path)))
        .timeout(PATIENCE);
  }

  private HttpResponse<String> get(StatusServer status, String path)
      throws IOException, InterruptedException {
    return client.send(request(status, path).build(), BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** What comes back for a request that a proper client can't be made to send. */
  private static String raw(StatusServer status, String head) throws IOException {
    try (Socket socket = new Socket(status.uri().getHost(), status.uri().getPort())) {
      socket.getOutputStream().write((head + "Connection: close\r\n\r\n").getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException reset) {
      return "cut: " + reset;
    }
  }

  @FunctionalInterface
  private interface Sign {
    boolean there() throws Exception;
  }

  private static void await(Sign sign) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!sign.there()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
