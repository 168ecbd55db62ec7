package org.iscsi4j.examples.daemon.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.ServerSnapshot;

/** What there is to get, by its path. */
final class Pages {

  /** A server answers within 2 s even if a loop of it hangs. */
  private static final Duration LIMIT = Duration.ofMillis(2500);

  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private final SnapshotCache snapshots;
  private final Supplier<List<Target>> targets;
  private final LoginCounts logins;
  private final StatusMaker maker;
  private final ObjectMapper json = new ObjectMapper();
  private final Page page = new Page();
  private final byte[] style = resource("status.css");
  private final byte[] script = resource("status.js");
  private final byte[] icon = resource("icon.svg");

  Pages(
      SnapshotCache snapshots,
      Supplier<List<Target>> targets,
      LoginCounts logins,
      StatusMaker maker) {
    this.snapshots = snapshots;
    this.targets = targets;
    this.logins = logins;
    this.maker = maker;
  }

  /** What a request gets. */
  Reply page(URI request) throws InterruptedException {
    return switch (Optional.ofNullable(request.getPath()).orElse("")) {
      case "/" -> withStatus(request, this::html);
      case "/status.json" -> withStatus(request, this::json);
      case "/metrics" -> withSnapshot(this::metrics);
      case "/health" -> health();
      case "/status.css" -> Reply.of("text/css; charset=utf-8", style);
      case "/status.js" -> Reply.of("text/javascript; charset=utf-8", script);
      case "/icon.svg" -> Reply.of("image/svg+xml", icon);
      default -> Reply.text(404, "there is nothing here; try /, /status.json, /metrics or /health");
    };
  }

  // ---- from snapshots

  private interface Maker<T> {
    Reply of(T from);
  }

  private Reply withSnapshot(Maker<ServerSnapshot> made) throws InterruptedException {
    try {
      return made.of(snapshots.recent().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Reply.text(503, "the server does not answer");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Reply withStatus(URI request, Maker<Status> made) throws InterruptedException {
    Optional<Place> unit;
    try {
      unit = Query.unit(request.getRawQuery());
    } catch (IllegalArgumentException e) {
      return Reply.text(400, e.getMessage());
    }
    return withSnapshot(server -> made.of(maker.status(server, targets.get(), unit)));
  }

  private Reply html(Status status) {
    return Reply.of("text/html; charset=utf-8", page.html(status).getBytes(StandardCharsets.UTF_8));
  }

  private Reply json(Status status) {
    try {
      return Reply.of("application/json", json.writeValueAsBytes(status));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // records of numbers and strings
    }
  }

  private Reply metrics(ServerSnapshot server) {
    ServerMetrics metrics = new ServerMetrics(server, logins, maker.version());
    return Reply.streamed(METRICS, out -> write(metrics, out));
  }

  private static void write(ServerMetrics metrics, OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    metrics.write(writer);
    writer.flush();
  }

  private Reply health() throws InterruptedException {
    return new Health(snapshots)
        .problem()
        .map(why -> Reply.text(503, why))
        .orElseGet(() -> Reply.text(200, "ok"));
  }

  // ---- from the jar

  static byte[] resource(String name) {
    try (InputStream in = Pages.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
