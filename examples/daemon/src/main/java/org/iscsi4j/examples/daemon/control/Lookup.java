package org.iscsi4j.examples.daemon.control;

import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.iscsi4j.examples.daemon.service.ServedLun;

/** From arguments to targets and units of a daemon. */
final class Lookup {

  /** What stands for every target, as istgtcontrol has it. */
  private static final String ALL = "ALL";

  private final DaemonService service;

  Lookup(DaemonService service) {
    this.service = service;
  }

  List<IscsiName> targets() {
    return service.server().targets().stream().map(Target::name).toList();
  }

  /** The target of the first argument; empty when there is none, or all are meant. */
  Optional<IscsiName> optionalTarget(Request request) throws Refusal {
    if (request.count() == 0 || request.argument(0).equalsIgnoreCase(ALL)) {
      return Optional.empty();
    }
    return Optional.of(target(request));
  }

  /** The target of the first argument, which is there. */
  IscsiName target(Request request) throws Refusal {
    try {
      IscsiName name = IscsiName.of(request.argument(0));
      if (targets().contains(name)) {
        return name;
      }
    } catch (IllegalArgumentException e) {
      // no target has such a name
    }
    throw Refusal.noTarget();
  }

  /** The unit of the first two arguments; LUN 0 without a second one. */
  ServedLun lun(Request request) throws Refusal {
    return service
        .lun(target(request), request.count() < 2 ? 0 : number(request.argument(1)))
        .orElseThrow(Refusal::noTarget);
  }

  /** The units of the first two arguments; without the second all of the target, or of all. */
  List<ServedLun> luns(Request request) throws Refusal {
    if (request.count() > 1) {
      return List.of(lun(request));
    }
    Optional<IscsiName> target = optionalTarget(request);
    return service.luns().stream()
        .filter(lun -> target.isEmpty() || target.get().equals(lun.target()))
        .toList();
  }

  static int number(String text) throws Refusal {
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= Target.MAX_LUN) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw Refusal.parameters("lun '" + text + "' is no number from 0 to " + Target.MAX_LUN);
  }
}
