package org.iscsi4j.scsi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the log pages of a unit tell that is kept for them alone. In memory: a unit counts from when
 * its server was made. Any thread.
 */
final class LogValues {

  /** An accounting date that was not set yet. */
  private static final byte[] NO_DATE = "      ".getBytes(StandardCharsets.US_ASCII);

  private final long powerOn = System.nanoTime();
  private final AccessStatistics accesses = new AccessStatistics();
  private final AtomicInteger startStopCycles = new AtomicInteger();
  private final AtomicInteger loadUnloadCycles = new AtomicInteger();
  private volatile byte[] accountingDate = NO_DATE;

  AccessStatistics accesses() {
    return accesses;
  }

  long powerOnMinutes() {
    return TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - powerOn);
  }

  /** Cycles are counted where they end. */
  void stopped() {
    startStopCycles.incrementAndGet();
  }

  void unloaded() {
    loadUnloadCycles.incrementAndGet();
  }

  int startStopCycles() {
    return startStopCycles.get();
  }

  int loadUnloadCycles() {
    return loadUnloadCycles.get();
  }

  /** Four characters of the year and two of the week, as somebody set them. */
  byte[] accountingDate() {
    return accountingDate.clone();
  }

  void accountingDate(byte[] date) {
    accountingDate = Arrays.copyOf(date, NO_DATE.length);
  }

  void resetAccountingDate() {
    accountingDate = NO_DATE;
  }
}
