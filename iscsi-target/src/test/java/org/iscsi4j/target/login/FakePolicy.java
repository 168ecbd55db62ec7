package org.iscsi4j.target.login;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.protocol.OperationalParameters;

/** A server with one target, for the rules of a login. */
final class FakePolicy implements LoginPolicy {

  static final String TARGET = "iqn.2026-01.org.iscsi4j.test:disk";
  static final String USER = "user";
  static final String SECRET = "a secret of 16 b";
  static final String OWN = "target";
  static final String OWN_SECRET = "another secret..";
  static final int KNOWN_TSIH = 42;
  static final IscsiName INITIATOR = IscsiName.of("iqn.2026-01.org.iscsi4j.test:initiator");
  static final long ISID = 1;
  static final int GROUP = 5;

  private final Optional<ChapPolicy> chap;
  private final OperationalOffer offer;
  private boolean serving = true;

  private FakePolicy(Optional<ChapPolicy> chap, OperationalOffer offer) {
    this.chap = chap;
    this.offer = offer;
  }

  /** A login through a portal of a group. */
  static LoginNegotiation negotiation(LoginPolicy policy, int group) {
    InetSocketAddress somewhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return new LoginNegotiation(policy, somewhere, somewhere, group);
  }

  static FakePolicy open() {
    return new FakePolicy(Optional.empty(), OperationalOffer.builder().build());
  }

  static FakePolicy withChap() {
    return new FakePolicy(
        Optional.of(new Users(false, List.of(ChapAlgorithm.values()))),
        OperationalOffer.builder().build());
  }

  static FakePolicy closing() {
    FakePolicy policy = open();
    policy.serving = false;
    return policy;
  }

  static FakePolicy insistingOnDigest() {
    return new FakePolicy(
        Optional.empty(), OperationalOffer.builder().headerDigests(List.of("CRC32C")).build());
  }

  @Override
  public boolean serving() {
    return serving;
  }

  @Override
  public Optional<Admission> target(IscsiName name) {
    return name.toString().equals(TARGET)
        ? Optional.of(new Admission(Target.builder(TARGET).alias("alias").build(), chap))
        : Optional.empty();
  }

  @Override
  public Optional<ChapPolicy> discoveryChap() {
    return chap;
  }

  @Override
  public LoginRedirect redirect() {
    return (initiator, target) -> Optional.empty();
  }

  @Override
  public OperationalOffer offer() {
    return offer;
  }

  @Override
  public Optional<OpenSession> session(int tsih) {
    return tsih == KNOWN_TSIH
        ? Optional.of(
            new OpenSession(
                INITIATOR,
                ISID,
                Optional.of(IscsiName.of(TARGET)),
                GROUP,
                OperationalParameters.defaults()))
        : Optional.empty();
  }

  /** One user, and perhaps a target that can prove itself. */
  record Users(boolean mutual, List<ChapAlgorithm> algorithms) implements ChapPolicy {

    @Override
    public Optional<byte[]> secret(String user) {
      return user.equals(USER) ? Optional.of(bytes(SECRET)) : Optional.empty();
    }

    @Override
    public Optional<Self> self() {
      return mutual ? Optional.of(new Self(OWN, bytes(OWN_SECRET))) : Optional.empty();
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
