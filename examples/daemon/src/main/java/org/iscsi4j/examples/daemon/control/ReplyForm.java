package org.iscsi4j.examples.daemon.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** How replies are written. */
enum ReplyForm {
  /** istgt's: lines of data, then OK; or ERR and the reason. */
  LINES {
    @Override
    List<String> done(String verb, Answer answer) {
      List<String> lines = new ArrayList<>();
      answer.lines().forEach(line -> lines.add(verb + " " + line));
      lines.add("OK " + verb);
      return lines;
    }

    @Override
    List<String> refused(String verb, Refusal refusal) {
      return List.of("ERR " + refusal.getMessage());
    }
  },

  /** One document in one line. */
  JSON {
    @Override
    List<String> done(String verb, Answer answer) {
      ObjectNode document = document(verb, true);
      document.set("result", answer.json());
      return List.of(document.toString());
    }

    @Override
    List<String> refused(String verb, Refusal refusal) {
      ObjectNode document = document(verb, false).put("error", refusal.getMessage());
      if (!refusal.problems().isEmpty()) {
        refusal.problems().forEach(document.putArray("problems")::add);
      }
      return List.of(document.toString());
    }

    private static ObjectNode document(String verb, boolean ok) {
      return Answer.JSON.objectNode().put("command", verb).put("ok", ok);
    }
  };

  abstract List<String> done(String verb, Answer answer);

  abstract List<String> refused(String verb, Refusal refusal);
}
