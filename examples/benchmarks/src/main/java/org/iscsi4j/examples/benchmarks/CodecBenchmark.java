package org.iscsi4j.examples.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a PDU costs to decode, to encode and to protect; run with {@code -prof gc} for allocation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

  private static final int DATA = 64 * 1024;

  private final ByteBuffer command = header();
  private final ByteBuffer out = header();
  private final ByteBuffer data = ByteBuffer.allocateDirect(DATA);
  private final Crc32cDigest digest = new Crc32cDigest();
  private int sequence;

  /** A READ(16) stands in the header. */
  public CodecBenchmark() {
    new ScsiCommandPdu(
            false,
            true,
            true,
            false,
            1,
            0,
            0,
            0,
            0,
            7,
            4096,
            1,
            1,
            0x8800_0000_0000_0000L,
            8L << 16)
        .encode(command, 0);
  }

  private static ByteBuffer header() {
    return ByteBuffer.allocateDirect(Pdu.BHS_LENGTH).order(ByteOrder.BIG_ENDIAN);
  }

  /** Decodes a SCSI Command and looks at what a target looks at. */
  @Benchmark
  public long decodeScsiCommand() {
    ScsiCommandPdu pdu = ScsiCommandPdu.decode(command, 0);
    return pdu.cdbHigh() ^ pdu.cdbLow() ^ pdu.cmdSn() ^ pdu.initiatorTaskTag();
  }

  /** Encodes the Data-In that ends a read. */
  @Benchmark
  public int encodeDataIn() {
    int number = sequence++;
    new DataInPdu(0x81, 0, 4096, 0, number, -1, number, number, number, 0, 0, 0).encode(out, 0);
    return out.getInt(16);
  }

  /** Computes the header digest of 48 bytes. */
  @Benchmark
  public int headerDigest() {
    return digest.of(command, 0, Pdu.BHS_LENGTH);
  }

  /** Computes the data digest of 64 KiB. */
  @Benchmark
  public int dataDigest() {
    return digest.of(data, 0, DATA);
  }
}
