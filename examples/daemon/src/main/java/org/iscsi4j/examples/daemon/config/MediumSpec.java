package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.util.Locale;

/**
 * A file or device and how it is used: a Storage or Removable line, or what is loaded while the
 * daemon runs.
 *
 * @param path of the file; {@link #EMPTY} for no medium
 */
public record MediumSpec(Path path, MediumFlags flags, MediumSize size) {

  /** The path by which istgt's files say that a drive is empty. */
  public static final Path EMPTY = Path.of("/dev/null");

  /** Whether it is no medium at all. */
  public boolean empty() {
    return path.equals(EMPTY);
  }

  /**
   * How a medium is used.
   *
   * @param readOnly ro
   * @param extend a tape's file grows as it is written
   * @param dynamic a tape's file shrinks when its end is written earlier
   */
  public record MediumFlags(boolean readOnly, boolean extend, boolean dynamic) {

    /** Of a disk. */
    public static final MediumFlags WRITABLE = new MediumFlags(false, false, false);

    /**
     * Reads flags with commas between them: {@code ro} or {@code rw}, of which the last one counts,
     * {@code extend} and {@code dynamic}. The case of letters does not count.
     *
     * @throws IllegalArgumentException for another word
     */
    public static MediumFlags parse(String text) {
      MediumFlags flags = WRITABLE;
      for (String word : text.split(",", -1)) {
        flags = flags.with(word.toLowerCase(Locale.ROOT));
      }
      return flags;
    }

    private MediumFlags with(String word) {
      return switch (word) {
        case "ro" -> new MediumFlags(true, extend, dynamic);
        case "rw" -> new MediumFlags(false, extend, dynamic);
        case "extend" -> new MediumFlags(readOnly, true, dynamic);
        case "dynamic" -> new MediumFlags(readOnly, extend, true);
        default ->
            throw new IllegalArgumentException(
                "expected ro or rw, extend, dynamic, with commas between them");
      };
    }
  }
}
