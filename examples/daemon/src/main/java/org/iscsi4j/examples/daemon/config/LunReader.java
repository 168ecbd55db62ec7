package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the LUNn lines of a unit. */
final class LunReader {

  private static final int LAST = 255;
  private static final Pattern KEY =
      Pattern.compile("LUN(0|[1-9][0-9]{0,8})", Pattern.CASE_INSENSITIVE);

  private final SectionReader section;
  private final UnknownKeys unknownKeys;

  LunReader(SectionReader section, UnknownKeys unknownKeys) {
    this.section = section;
    this.unknownKeys = unknownKeys;
  }

  /** Marks the lines of a unit as known whose LUNs are of no interest. */
  void skip() {
    section.matching(KEY);
  }

  /**
   * The LUNs by their numbers.
   *
   * @param serial the unit's, which is LUN 0's and the beginning of the others'
   */
  SortedMap<Integer, LunSection> read(UnitType type, int blockLength, String serial) {
    MediumReader media = new MediumReader(section, type, blockLength);
    SortedMap<Integer, LunSection> luns = new TreeMap<>();
    lines()
        .forEach(
            (number, lines) -> {
              String usual = number == 0 ? serial : serial + "L" + number;
              LunOptions options = new LunOptions(section, unknownKeys, type, usual);
              lun(number, lines, media, options).ifPresent(lun -> luns.put(number, lun));
            });
    return luns;
  }

  private SortedMap<Integer, List<Entry>> lines() {
    List<Entry> entries = section.matching(KEY);
    SortedMap<Integer, List<Entry>> lines =
        entries.stream()
            .collect(Collectors.groupingBy(LunReader::number, TreeMap::new, Collectors.toList()));
    if (!lines.containsKey(0)) {
      section.error("LUN0 is missing");
    }
    lines
        .tailMap(LAST + 1)
        .values()
        .forEach(
            beyond ->
                section
                    .problems()
                    .error(
                        beyond.get(0).key(),
                        section.problems().quote(beyond.get(0).key())
                            + " is not within LUN0..LUN"
                            + LAST));
    return lines.headMap(LAST + 1);
  }

  private static int number(Entry entry) {
    return Integer.parseInt(entry.key().text().substring("LUN".length()));
  }

  private Optional<LunSection> lun(
      int number, List<Entry> lines, MediumReader media, LunOptions options) {
    List<Entry> storage = new ArrayList<>();
    for (Entry line : lines) {
      if (line.values().isEmpty()) {
        section.first(line.key().text(), line);
      } else if (line.values().get(0).is("Option")) {
        options.take(line);
      } else {
        storage.add(line);
      }
    }
    return theOnly(storage, lines).flatMap(media::read).map(medium -> options.of(number, medium));
  }

  private Optional<Entry> theOnly(List<Entry> storage, List<Entry> lines) {
    Entry first = lines.get(0);
    if (storage.isEmpty() && !first.values().isEmpty()) {
      section.problems().error(first.key(), first.key().text() + " has options but no storage");
    }
    storage.stream()
        .skip(1)
        .forEach(
            again ->
                section
                    .problems()
                    .error(
                        again.key(),
                        again.key().text() + " is in line " + storage.get(0).line() + " already"));
    return storage.stream().findFirst();
  }
}
