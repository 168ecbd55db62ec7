package org.iscsi4j.examples.daemon.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What holds for every request: who may ask what how, and what every answer says of itself. */
final class StatusHandler implements HttpHandler {

  private static final Logger log = LoggerFactory.getLogger(StatusHandler.class);

  private static final Set<String> METHODS = Set.of("GET", "HEAD");

  /** All from here, nothing in the page itself, nobody's frame. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy", POLICY,
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "no-referrer",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Cache-Control", "no-store");

  private final HostRule hosts;
  private final Pages pages;

  StatusHandler(HostRule hosts, Pages pages) {
    this.hosts = hosts;
    this.pages = pages;
  }

  @Override
  public void handle(HttpExchange exchange) {
    try (exchange) {
      send(exchange, reply(exchange));
    } catch (IOException e) {
      log.debug("{} went away: {}", exchange.getRemoteAddress(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the end of the server
    }
  }

  private Reply reply(HttpExchange exchange) throws InterruptedException {
    if (!hosts.admits(exchange.getRequestHeaders().getOrDefault("Host", List.of()))) {
      return Reply.text(421, "this is served on loopback: ask for it as localhost");
    }
    if (!METHODS.contains(exchange.getRequestMethod())) {
      return Reply.text(405, "only GET and HEAD").with("Allow", "GET, HEAD");
    }
    try {
      return pages.page(exchange.getRequestURI());
    } catch (RuntimeException e) {
      log.error("{} can't be answered", exchange.getRequestURI(), e);
      return Reply.text(500, "an error that is in the log");
    }
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    HEADERS.forEach(headers::set);
    reply.headers().forEach(headers::set);
    headers.set("Content-Type", reply.type());
    if (exchange.getRequestMethod().equals("HEAD")) {
      reply.length().ifPresent(length -> headers.set("Content-Length", Long.toString(length)));
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(reply.status(), reply.length().orElse(0));
    try (OutputStream out = exchange.getResponseBody()) {
      reply.body().writeTo(out);
    }
  }
}
