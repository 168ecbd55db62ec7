package org.iscsi4j.target.login;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.ProtocolException;

/**
 * What an initiator says of itself and of what it wants, in its first request (RFC 7143 section
 * 6.3.1).
 *
 * @param said the keys of it
 */
record Introduction(
    IscsiName initiator, Optional<IscsiName> target, boolean discovery, List<KeyValue> said) {

  private static final Set<String> KEYS =
      Set.of(
          Key.INITIATOR_NAME.name(),
          Key.INITIATOR_ALIAS.name(),
          Key.TARGET_NAME.name(),
          Key.SESSION_TYPE.name());

  /** Reads the keys of the first request. */
  static Introduction of(List<KeyValue> pairs) throws LoginException {
    IscsiName initiator =
        name(pairs, Key.INITIATOR_NAME, IscsiName::ofInitiator, LoginStatus.INITIATOR_ERROR)
            .orElseThrow(() -> missing(Key.INITIATOR_NAME));
    boolean discovery = isDiscovery(pairs);
    Optional<IscsiName> target =
        name(pairs, Key.TARGET_NAME, IscsiName::of, LoginStatus.TARGET_NOT_FOUND);
    if (!discovery && target.isEmpty()) {
      throw missing(Key.TARGET_NAME);
    }
    List<KeyValue> said = pairs.stream().filter(pair -> KEYS.contains(pair.key())).toList();
    return new Introduction(initiator, target, discovery, said);
  }

  /**
   * The keys of a later request. One that comes again ends the login, but not one of the
   * introduction with the same value, which changes nothing: libiscsi introduces itself in both
   * stages when it has credentials that nobody asks for.
   */
  List<KeyValue> withoutIt(List<KeyValue> pairs) {
    return pairs.stream().filter(pair -> !said.contains(pair)).toList();
  }

  private static boolean isDiscovery(List<KeyValue> pairs) throws LoginException {
    String type = value(pairs, Key.SESSION_TYPE).orElse(Key.SESSION_TYPE.defaultValue());
    return switch (type) {
      case "Discovery" -> true;
      case "Normal" -> false;
      default ->
          throw new LoginException(
              LoginStatus.SESSION_TYPE_NOT_SUPPORTED,
              "SessionType is neither Discovery nor Normal");
    };
  }

  private static Optional<IscsiName> name(
      List<KeyValue> pairs,
      Key<String> key,
      Function<String, IscsiName> reader,
      LoginStatus otherwise)
      throws LoginException {
    Optional<String> text = value(pairs, key);
    try {
      // the length is checked first, since normalisation takes time
      return text.isEmpty() ? Optional.empty() : Optional.of(reader.apply(key.parse(text.get())));
    } catch (ProtocolException e) {
      throw new LoginException(otherwise, e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new LoginException(otherwise, key + ": " + e.getMessage());
    }
  }

  private static Optional<String> value(List<KeyValue> pairs, Key<?> key) {
    return pairs.stream().filter(p -> p.key().equals(key.name())).map(KeyValue::value).findFirst();
  }

  private static LoginException missing(Key<?> key) {
    return new LoginException(
        LoginStatus.MISSING_PARAMETER, key + " is missing in the first request");
  }
}
