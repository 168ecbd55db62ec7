package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.examples.daemon.control.Verb.Request;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.iscsi4j.examples.daemon.service.ServedLun;

/** LIST: targets, and what is in their units. */
final class ListVerb {

  private final Lookup lookup;

  ListVerb(DaemonService service) {
    lookup = new Lookup(service);
  }

  Verb verb() {
    return new Verb("LIST", "[target [lun]]", 0, 2, this::list);
  }

  private Answer list(Request request) throws Refusal {
    boolean named = lookup.optionalTarget(request).isPresent();
    List<ServedLun> luns = lookup.luns(request);
    List<String> lines =
        named
            ? luns.stream().map(ListVerb::line).toList()
            : lookup.targets().stream().map(IscsiName::toString).toList();
    List<ObjectNode> rows = new ArrayList<>(luns.stream().map(ListVerb::row).toList());
    if (!named) {
      rows.addAll(withoutUnits(luns));
    }
    return new Answer(lines, Answer.array(rows));
  }

  private List<ObjectNode> withoutUnits(List<ServedLun> luns) {
    Set<IscsiName> withUnits = luns.stream().map(ServedLun::target).collect(Collectors.toSet());
    return lookup.targets().stream()
        .filter(target -> !withUnits.contains(target))
        .map(target -> Answer.JSON.objectNode().put("target", target.toString()))
        .toList();
  }

  /** As istgt writes it. */
  private static String line(ServedLun lun) {
    String file = Words.quote(lun.medium().path().toString());
    if (!lun.unit().removable()) {
      return "lun%d storage %s %d".formatted(lun.number(), file, lun.size().orElse(0));
    }
    return "lun%d removable %s %s - %s %s %s"
        .formatted(
            lun.number(),
            lun.present() ? "present" : "absent",
            lun.locked() ? "lock" : "unlock",
            MediumWords.flags(lun.medium().flags()),
            file,
            lun.medium().empty() ? "0" : MediumWords.size(lun.medium().size()));
  }

  private static ObjectNode row(ServedLun lun) {
    ObjectNode row =
        Answer.JSON
            .objectNode()
            .put("target", lun.target().toString())
            .put("lun", lun.number())
            .put("type", lun.type().name().toLowerCase(Locale.ROOT))
            .put("removable", lun.unit().removable())
            .put("present", lun.present())
            .put("locked", lun.locked())
            .put("flags", MediumWords.flags(lun.medium().flags()))
            .put("file", lun.medium().path().toString());
    lun.size().ifPresent(bytes -> row.put("size", bytes));
    return row;
  }
}
