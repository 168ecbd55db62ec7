package org.iscsi4j.examples.daemon.ctl;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.examples.daemon.config.Account;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.control.ChapMd5;
import org.iscsi4j.examples.daemon.control.Words;
import org.iscsi4j.examples.daemon.ctl.ControlLink.Reply;

/** Proves who the client is, as istgtcontrol does, and lets the daemon prove itself. */
final class Login {

  private static final String AUTH = "AUTH";
  private static final String REQUIRED = "auth required";
  private static final String NOT_REQUIRED = "auth not required";

  /** By which a daemon says that it wants to be asked for proof. */
  private static final String SEQUENCE = "CHAP sequence error";

  private final ControlLink link;
  private final Accounts accounts;

  Login(ControlLink link, Accounts accounts) {
    this.link = link;
    this.accounts = accounts;
  }

  /**
   * Logs in.
   *
   * @throws IOException when the daemon does not believe it, or has not proved itself
   */
  void run(Method method) throws IOException {
    switch (method) {
      case NONE -> {}
      case AUTO -> {
        if (link.ask("NOOP", "").error().equals(Optional.of(REQUIRED))) {
          proveByOneOrBoth();
        }
      }
      case CHAP -> proveByOneOrBoth();
      case CHAP_MUTUAL -> check(prove(accounts.mutual(), true), false);
    }
  }

  private void proveByOneOrBoth() throws IOException {
    Account account = accounts.account();
    Optional<String> error = prove(account, false);
    if (error.equals(Optional.of(SEQUENCE)) && accounts.knowsDaemon()) {
      error = prove(accounts.mutual(), true);
    }
    check(error, true);
  }

  private static void check(Optional<String> error, boolean mayBeNeedless) throws IOException {
    boolean needless = mayBeNeedless && error.equals(Optional.of(NOT_REQUIRED));
    if (error.isPresent() && !needless) {
      throw new IOException("authentication failed: " + error.get());
    }
  }

  /** Returns why not. */
  private Optional<String> prove(Account account, boolean mutual) throws IOException {
    String line = link.askLine(AUTH + " CHAP_A " + ChapMd5.ALGORITHM);
    if (line.startsWith("ERR ")) {
      return Optional.of(line.substring("ERR ".length()));
    }
    String answer = Words.quote(account.user()) + " " + ChapMd5.encode(answer(line, account));
    if (!mutual) {
      return link.ask(AUTH, "CHAP_NR " + answer).error();
    }
    SecureRandom random = new SecureRandom();
    byte[] challenge = new byte[ChapMd5.CHALLENGE_BYTES];
    random.nextBytes(challenge);
    int id = random.nextInt(0x100);
    Reply reply = link.ask(AUTH, "CHAP_NR " + answer + " " + id + " " + ChapMd5.encode(challenge));
    if (reply.error().isEmpty()) {
      checkProof(reply.data(), account.credential().own().orElseThrow(), id, challenge);
    }
    return reply.error();
  }

  private static byte[] answer(String line, Account account) throws IOException {
    try {
      List<String> words = Words.of(line);
      if (words.size() == 4 && words.get(1).equals("CHAP_IC")) {
        int id = ChapMd5.decodeId(words.get(2));
        return ChapMd5.response(id, account.credential().secret(), ChapMd5.decode(words.get(3)));
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new IOException("authentication failed: the daemon's challenge is none");
  }

  private static void checkProof(List<String> data, Credential.Own own, int id, byte[] challenge)
      throws IOException {
    try {
      List<String> words = data.isEmpty() ? List.of() : Words.of(data.get(0));
      if (words.size() == 3
          && words.get(1).equalsIgnoreCase(own.name())
          && MessageDigest.isEqual(
              ChapMd5.decode(words.get(2)), ChapMd5.response(id, own.secret(), challenge))) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new IOException("authentication failed: the daemon has not proved who it is");
  }
}
