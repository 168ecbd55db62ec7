package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;

/** Reads the Storage or Removable line of a LUN. */
final class MediumReader {

  /** istgt reads these by VirtualBox, when it is built with it; they are no raw blocks. */
  private static final List<String> IMAGES =
      List.of(".vdi", ".vhd", ".vhdx", ".vmdk", ".qcow", ".qcow2", ".qed");

  private static final long LEAST_REMOVABLE = 1 << 20;

  private final SectionReader section;
  private final UnitType type;
  private final int blockLength;

  MediumReader(SectionReader section, UnitType type, int blockLength) {
    this.section = section;
    this.type = type;
    this.blockLength = blockLength;
  }

  Optional<MediumSpec> read(Entry entry) {
    String key = entry.key().text();
    Token form = entry.values().get(0);
    if (form.is("Storage")) {
      return type == UnitType.DISK ? storage(key, entry) : wrong(key, form, "Removable");
    }
    if (form.is("Removable")) {
      return type == UnitType.DISK ? wrong(key, form, "Storage") : removable(key, entry);
    }
    if (form.is("Device")) {
      section.refuse(key, form, "is refused: devices are passed through by FreeBSD's kernel only");
    } else if (form.text().toLowerCase(Locale.ROOT).startsWith("slot")) {
      section.refuse(key, form, "is refused: there are no media changers, nor has istgt any");
    } else {
      section.refuse(key, form, "is not accepted; accepted: Storage, Removable, Option");
    }
    return Optional.empty();
  }

  private Optional<MediumSpec> wrong(String key, Token form, String right) {
    section.refuse(key, form, "does not fit UnitType " + type.title() + ", which needs " + right);
    return Optional.empty();
  }

  private Optional<MediumSpec> storage(String key, Entry entry) {
    if (!complete(key, entry, 3, "Storage PATH SIZE")) {
      return Optional.empty();
    }
    Token file = entry.values().get(1);
    Token length = entry.values().get(2);
    Optional<Path> path = section.path(key, file);
    Optional<MediumSize> size = section.parsed(key, length, this::wholeBlocks);
    path.ifPresent(any -> checkDisk(key, file));
    return path.isPresent() && size.isPresent()
        ? Optional.of(new MediumSpec(path.get(), MediumFlags.WRITABLE, size.get()))
        : Optional.empty();
  }

  private boolean complete(String key, Entry entry, int values, String form) {
    section.noMoreThan(values, key, entry);
    boolean complete = entry.values().size() >= values;
    if (!complete) {
      section.problems().error(entry.key(), key + " is not complete; expected: " + form);
    }
    return complete;
  }

  /** What is less than a block at the end of a disk can't be reached; istgt leaves it out too. */
  private MediumSize wholeBlocks(String text) {
    OptionalLong bytes = MediumSize.parse(text).bytes();
    if (bytes.isEmpty()) {
      return MediumSize.AUTO;
    }
    long whole = bytes.getAsLong() / blockLength * blockLength;
    if (whole == 0) {
      throw new IllegalArgumentException("less than a block of " + blockLength + " bytes");
    }
    return new MediumSize(OptionalLong.of(whole));
  }

  private void checkDisk(String key, Token file) {
    String name = file.text().toLowerCase(Locale.ROOT);
    if (file.text().equals(MediumSpec.EMPTY.toString())) {
      section.refuse(key, file, "is refused: a disk can't be empty");
    }
    if (IMAGES.stream().anyMatch(name::endsWith)) {
      section.refuse(
          key,
          file,
          "is refused: a virtual machine's image holds no raw blocks; convert it:"
              + " qemu-img convert -O raw IMAGE FILE");
    }
  }

  private Optional<MediumSpec> removable(String key, Entry entry) {
    if (!complete(key, entry, 4, "Removable FLAGS PATH SIZE")) {
      return Optional.empty();
    }
    Token length = entry.values().get(3);
    Optional<MediumFlags> flags = section.parsed(key, entry.values().get(1), MediumFlags::parse);
    Optional<Path> path = section.path(key, entry.values().get(2));
    Optional<MediumSize> size = section.parsed(key, length, MediumSize::parse);
    if (flags.isEmpty() || path.isEmpty() || size.isEmpty()) {
      return Optional.empty();
    }
    MediumSpec medium = new MediumSpec(path.get(), flags.get(), size.get());
    if (isTooSmall(medium)) {
      section.refuse(key, length, "is less than the " + LEAST_REMOVABLE + " bytes of a medium");
    }
    return Optional.of(medium);
  }

  private static boolean isTooSmall(MediumSpec medium) {
    return !medium.empty()
        && !medium.flags().dynamic()
        && medium.size().bytes().orElse(LEAST_REMOVABLE) < LEAST_REMOVABLE;
  }
}
