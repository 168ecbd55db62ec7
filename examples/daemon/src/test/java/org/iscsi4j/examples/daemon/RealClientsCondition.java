package org.iscsi4j.examples.daemon;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Looks once for the clients, and says once that they are missing. */
final class RealClientsCondition implements ExecutionCondition {

  /** What proves that a package is there, and what it says when it is not. */
  private static final Map<String, Probe> PACKAGES =
      new TreeMap<>(
          Map.of(
              "chromium", new Probe("", "chromium", "--version"),
              "istgt", new Probe("", "/usr/sbin/istgtcontrol", "-V"),
              "libiscsi-bin", new Probe("", "iscsi-test-cu", "--list"),
              "qemu-utils", new Probe("", "qemu-img", "--version"),
              "stunnel4", new Probe("", "stunnel4", "-version"),
              "qemu-block-extra",
                  new Probe("Unknown protocol", "qemu-img", "info", "iscsi://127.0.0.1:1/none/0")));

  private static final boolean REQUIRED =
      System.getProperty("iscsi4j.clients", "").equals("required");

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (Missing.PACKAGES.isEmpty()) {
      return enabled("the clients are installed");
    }
    if (REQUIRED) {
      throw new IllegalStateException(Missing.message());
    }
    return disabled(Missing.message());
  }

  /** Initialised once a run. */
  private static final class Missing {
    static final List<String> PACKAGES = find();

    static {
      if (!PACKAGES.isEmpty() && !REQUIRED) {
        System.err.println("##### " + message() + " #####");
      }
    }

    static String message() {
      return "TESTS WITH REAL CLIENTS DO NOT RUN: install " + String.join(" ", PACKAGES);
    }

    private static List<String> find() {
      List<String> missing = new ArrayList<>();
      RealClientsCondition.PACKAGES.forEach(
          (name, probe) -> {
            if (!probe.succeeds()) {
              missing.add(name);
            }
          });
      return missing;
    }
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
