package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.examples.daemon.LunSpec;
import org.iscsi4j.examples.daemon.config.MediumSpec;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.iscsi4j.examples.daemon.service.ServedLun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What changes units: LOAD, UNLOAD, CHANGE and RESET as istgt has them; ADD, REMOVE, RESIZE. */
final class UnitVerbs {

  private static final Logger log = LoggerFactory.getLogger(UnitVerbs.class);

  /** The TYPE of CHANGE that leaves it as it is. */
  private static final String SAME_TYPE = "-";

  private final DaemonService service;
  private final Lookup lookup;

  /** One of the service's operations. */
  @FunctionalInterface
  private interface Operation {
    void run(ServedLun lun) throws IOException;
  }

  UnitVerbs(DaemonService service) {
    this.service = service;
    lookup = new Lookup(service);
  }

  List<Verb> verbs() {
    return List.of(
        new Verb("LOAD", "target [lun]", 1, 2, request -> media("load", request, service::load)),
        new Verb(
            "UNLOAD", "target [lun]", 1, 2, request -> media("unload", request, service::unload)),
        new Verb("CHANGE", "target lun type flags file size", 6, 6, this::change),
        new Verb(
            "RESET", "target [lun]", 1, 2, request -> change("reset", request, service::reset)),
        new Verb("ADD", "target lun device", 3, 3, this::add),
        new Verb(
            "REMOVE", "target lun", 2, 2, request -> change("remove", request, service::remove)),
        new Verb("RESIZE", "target lun size", 3, 3, this::resize));
  }

  private Answer change(Request request) throws Refusal {
    ServedLun lun = removable(request);
    String type = request.argument(2);
    if (!type.equals(SAME_TYPE) && !type.equalsIgnoreCase(lun.type().name())) {
      throw new Refusal("unsupport LUN type");
    }
    MediumSpec medium =
        new MediumSpec(
            path(request.argument(4)),
            MediumWords.flags(request.argument(3)),
            MediumWords.size(request.argument(5)));
    return carryOut("change", request, lun, unit -> service.change(unit, medium));
  }

  private static Path path(String text) throws Refusal {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw Refusal.parameters("file: " + e.getMessage());
    }
  }

  private Answer media(String what, Request request, Operation operation) throws Refusal {
    return carryOut(what, request, removable(request), operation);
  }

  private ServedLun removable(Request request) throws Refusal {
    ServedLun lun = lookup.lun(request);
    if (!lun.unit().removable()) {
      throw new Refusal("not removable");
    }
    return lun;
  }

  private Answer change(String what, Request request, Operation operation) throws Refusal {
    return carryOut(what, request, lookup.lun(request), operation);
  }

  private Answer resize(Request request) throws Refusal {
    long bytes = MediumWords.bytes(request.argument(2));
    return change("resize", request, lun -> service.resize(lun, bytes));
  }

  private Answer add(Request request) throws Refusal {
    IscsiName target = lookup.target(request);
    int number = Lookup.number(request.argument(1));
    LunSpec spec = spec(request.argument(2));
    return carryOut(
        "add", request, target + " lun" + number, () -> service.add(target, number, spec));
  }

  private static LunSpec spec(String text) throws Refusal {
    try {
      return LunSpec.parse(text);
    } catch (IllegalArgumentException e) {
      throw Refusal.parameters(e.getMessage());
    }
  }

  // ---- failures, and the log

  @FunctionalInterface
  private interface Act {
    void run() throws IOException;
  }

  private static Answer carryOut(String what, Request request, ServedLun lun, Operation operation)
      throws Refusal {
    String name = lun.target() + " lun" + lun.number();
    return carryOut(what, request, name, () -> operation.run(lun));
  }

  private static Answer carryOut(String what, Request request, String unit, Act act)
      throws Refusal {
    try {
      act.run();
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new Refusal(what + ": " + Reasons.of(e));
    }
    log.info("control: {} {} by {}", what, unit, request.client());
    return Answer.DONE;
  }
}
