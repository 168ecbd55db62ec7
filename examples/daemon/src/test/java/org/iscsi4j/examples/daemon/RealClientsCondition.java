package org.iscsi4j.examples.daemon;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Looks once for each client, and says once that it is missing. */
final class RealClientsCondition implements ExecutionCondition {

  /** What proves that a package is there, and what it says when it is not. */
  private static final Map<String, Probe> PACKAGES =
      Map.of(
          "chromium", new Probe("", "chromium", "--version"),
          "istgt", new Probe("", "/usr/sbin/istgtcontrol", "-V"),
          "libiscsi-bin", new Probe("", "iscsi-test-cu", "--list"),
          "qemu-utils", new Probe("", "qemu-img", "--version"),
          "stunnel4", new Probe("", "stunnel4", "-version"),
          "qemu-block-extra",
              new Probe("Unknown protocol", "qemu-img", "info", "iscsi://127.0.0.1:1/none/0"));

  private static final boolean REQUIRED =
      System.getProperty("iscsi4j.clients", "").equals("required");

  private static final Map<String, Boolean> INSTALLED = new ConcurrentHashMap<>();
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    List<String> missing = needed(context).filter(name -> !isInstalled(name)).sorted().toList();
    if (missing.isEmpty()) {
      return enabled("the clients are installed");
    }
    String message = "TESTS WITH REAL CLIENTS DO NOT RUN: install " + String.join(" ", missing);
    if (REQUIRED) {
      throw new IllegalStateException(message);
    }
    if (TOLD.add(message)) {
      System.err.println("##### " + message + " #####");
    }
    return disabled(message);
  }

  private static Stream<String> needed(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RealClients.class)
        .stream()
        .flatMap(needs -> Stream.of(needs.value()));
  }

  private static boolean isInstalled(String name) {
    return INSTALLED.computeIfAbsent(name, key -> PACKAGES.get(key).succeeds());
  }

  private record Probe(String complaint, String... command) {
    boolean succeeds() {
      try {
        Client client = Client.run(command);
        return complaint.isEmpty() || !client.output().contains(complaint);
      } catch (IOException e) {
        return false; // there is no such program
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
