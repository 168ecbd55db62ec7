package org.iscsi4j.examples.daemon;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests with real clients. They are skipped where the packages that they need are not installed,
 * which is said loudly, and fail there when the system property {@code iscsi4j.clients} is {@code
 * required}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RealClientsCondition.class)
public @interface RealClients {

  /** Debian's names of the packages. */
  String[] value();
}
