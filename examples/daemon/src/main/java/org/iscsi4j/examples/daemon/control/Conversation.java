package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said to one client, line by line. Touched by its thread only. */
final class Conversation {

  private static final Logger log = LoggerFactory.getLogger(Conversation.class);

  private static final String AUTH = "AUTH";
  private static final String QUIT = "QUIT";
  private static final String JSON = "JSON";

  private final Verbs verbs;
  private final Authenticator authenticator;
  private final int maxFailures;
  private final String client;
  private int strangerLines;

  /**
   * A reply.
   *
   * @param last whether the connection ends with it
   * @param penalty whether it has to wait
   */
  record Reply(List<String> lines, boolean last, boolean penalty) {}

  Conversation(Verbs verbs, Authenticator authenticator, int maxFailures, String client) {
    this.verbs = verbs;
    this.authenticator = authenticator;
    this.maxFailures = maxFailures;
    this.client = client;
  }

  /** Whether the client still has to prove who it is. */
  boolean withStranger() {
    return authenticator.pending();
  }

  Reply answer(String line) {
    boolean stranger = withStranger();
    int failures = authenticator.failures();
    strangerLines += stranger ? 1 : 0;
    List<String> words;
    try {
      words = Words.of(line);
    } catch (IllegalArgumentException e) {
      return reply(ReplyForm.LINES.refused("", Refusal.parameters(e.getMessage())), failures);
    }
    boolean json = !words.isEmpty() && name(words).equals(JSON);
    List<String> command = json ? words.subList(1, words.size()) : words;
    List<String> lines = carryOut(command, json ? ReplyForm.JSON : ReplyForm.LINES);
    boolean quit = !command.isEmpty() && name(command).equals(QUIT);
    return quit ? new Reply(lines, true, false) : reply(lines, failures);
  }

  private static String name(List<String> words) {
    return words.get(0).toUpperCase(Locale.ROOT);
  }

  private Reply reply(List<String> lines, int failuresBefore) {
    int failures = authenticator.failures();
    boolean enough =
        failures >= maxFailures || withStranger() && strangerLines >= ControlLimits.STRANGER_LINES;
    if (failures > failuresBefore) {
      log.warn("control: {} has not proved who it is", client);
    }
    return new Reply(lines, enough, failures > failuresBefore);
  }

  private List<String> carryOut(List<String> words, ReplyForm form) {
    String name = words.isEmpty() ? "" : name(words);
    try {
      if (name.equals(AUTH) && form == ReplyForm.LINES) {
        return authenticator.answer(words.subList(1, words.size()));
      }
      return form.done(name, run(name, words));
    } catch (Refusal e) {
      return form.refused(name, e);
    } catch (IOException | ConfigException | RuntimeException e) {
      log.error("control: {} failed", name, e);
      return form.refused(name, new Refusal(name + " internal error"));
    }
  }

  private Answer run(String name, List<String> words) throws IOException, ConfigException, Refusal {
    if (name.equals(QUIT)) {
      return Answer.DONE;
    }
    if (withStranger()) {
      throw new Refusal("auth required");
    }
    Verb verb = verbs.find(name).orElseThrow(() -> new Refusal("unknown command"));
    return verb.run(new Verb.Request(client, words.subList(1, words.size())));
  }
}
