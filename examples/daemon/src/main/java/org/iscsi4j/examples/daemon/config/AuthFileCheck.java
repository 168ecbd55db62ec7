package org.iscsi4j.examples.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.AuthRules.Reference;

/** Checks whether the groups that istgt.conf names are in auth.conf, and who may read that. */
final class AuthFileCheck {

  private final Problems config;
  private final Problems secrets;

  /** Tells what is wrong with either file. */
  AuthFileCheck(Problems config, Problems secrets) {
    this.config = config;
    this.secrets = secrets;
  }

  /** When nobody needs the file, it need not be there. */
  void check(List<Reference> references, UnknownKeys unknownKeys) {
    if (references.isEmpty()) {
      return;
    }
    AuthGroups groups = AuthGroups.read(secrets, unknownKeys);
    if (!secrets.refused()) {
      references.forEach(reference -> check(reference, groups));
      checkReaders(secrets.file());
    }
    groups.destroy();
  }

  private void check(Reference reference, AuthGroups groups) {
    int group = reference.rule().group().getAsInt();
    Method method = reference.rule().method();
    if (!groups.has(group)) {
      String message = "AuthGroup" + group + " is not in " + secrets.file();
      if (method == Method.AUTO) {
        config.warning(reference.line(), message + ": only those come in who prove nothing");
      } else {
        config.error(reference.line(), message);
      }
    } else if (method == Method.CHAP_MUTUAL && !groups.provesItself(group)) {
      config.warning(
          reference.line(),
          "CHAP Mutual lets nobody in: AuthGroup" + group + " has no Auth with four values");
    }
  }

  private void checkReaders(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        secrets.warning(0, "every user of this machine can read the secrets; chmod o= mends that");
      }
    } catch (IOException | UnsupportedOperationException e) {
      // a file system without such permissions, or a file that is gone again
    }
  }
}
