package org.iscsi4j.examples.daemon.config;

import java.util.OptionalLong;

/**
 * How long a medium is.
 *
 * @param bytes empty for Auto: as long as the file or device is
 */
public record MediumSize(OptionalLong bytes) {

  /** As long as the file or device is. */
  public static final MediumSize AUTO = new MediumSize(OptionalLong.empty());
}
