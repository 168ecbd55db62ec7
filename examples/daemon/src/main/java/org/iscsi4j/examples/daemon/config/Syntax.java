package org.iscsi4j.examples.daemon.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The form that istgt's files have in common: sections with keys and their values. What keys mean
 * is not known here.
 */
final class Syntax {

  private static final int LARGEST = 16 << 20;

  private final Problems problems;
  private final UnknownKeys unknownKeys;
  private final Set<SectionKind> kinds;
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** Where keys go; empty in a section that is left out. */
  private Optional<Section> current = Optional.empty();

  private boolean outside = true;

  private Syntax(Problems problems, UnknownKeys unknownKeys, Set<SectionKind> kinds) {
    this.problems = problems;
    this.unknownKeys = unknownKeys;
    this.kinds = kinds;
  }

  /** Reads the file; when that can't be done it is a problem too. */
  static Collection<Section> read(
      Problems problems, UnknownKeys unknownKeys, Set<SectionKind> kinds) {
    return new Syntax(problems, unknownKeys, kinds).sections(content(problems));
  }

  private static byte[] content(Problems problems) {
    try (InputStream in = Files.newInputStream(problems.file())) {
      byte[] content = in.readNBytes(LARGEST + 1);
      if (content.length <= LARGEST) {
        return content;
      }
      problems.error(0, "the file is larger than " + LARGEST + " bytes");
    } catch (NoSuchFileException e) {
      problems.error(0, "no such file");
    } catch (AccessDeniedException e) {
      problems.error(0, "permission denied");
    } catch (IOException e) {
      problems.error(0, "can't be read: " + e.getMessage());
    }
    return new byte[0];
  }

  private Collection<Section> sections(byte[] content) {
    for (LogicalLine line : Lines.of(content, problems)) {
      if (line.text().startsWith("[")) {
        header(line);
      } else {
        entry(line);
      }
    }
    return new ArrayList<>(sections.values());
  }

  private void entry(LogicalLine line) {
    if (outside) {
      problems.error(line.number(), "text before the first section; a section begins with [Name]");
      return;
    }
    List<Token> tokens = Tokenizer.split(line, problems);
    current.ifPresent(
        section ->
            section.entries().add(new Entry(tokens.get(0), tokens.subList(1, tokens.size()))));
  }

  private void header(LogicalLine line) {
    outside = false;
    String text = line.text();
    int end = text.indexOf(']');
    Token name = new Token(text.substring(1, end < 0 ? text.length() : end).strip(), line.number());
    if (end < 0) {
      problems.warning(name, "the section's name has no ] behind it");
    } else if (!text.substring(end + 1).isBlank()) {
      problems.error(name, "text behind the section's name; a comment has a line of its own");
    }
    current = begin(name);
  }

  private Optional<Section> begin(Token name) {
    Optional<SectionKind> kind = SectionKind.of(name.text()).filter(kinds::contains);
    if (kind.isEmpty()) {
      unknown(name);
      return Optional.empty();
    }
    return kind.get().numbered()
        ? numbered(kind.get(), name)
        : Optional.of(merged(new Section(kind.get(), 0, name)));
  }

  private Optional<Section> numbered(SectionKind kind, Token name) {
    OptionalInt number = GroupNumber.of(kind, name.text());
    if (number.isEmpty()) {
      problems.error(
          name, "the number in a section's name " + kind + " must be within 1.." + kind.most());
      return Optional.empty();
    }
    Section section = merged(new Section(kind, number.getAsInt(), name));
    if (section.name().is(name.text())) {
      return Optional.of(section);
    }
    problems.error(
        name, section.title() + " is in line " + section.line() + " already, under another name");
    return Optional.empty();
  }

  /** The section as it began, if it did before. */
  private Section merged(Section section) {
    return sections.computeIfAbsent(section.title().toLowerCase(Locale.ROOT), any -> section);
  }

  private void unknown(Token name) {
    String letters = name.text().replaceAll("[0-9]", "");
    String hint =
        SectionKind.of(name.text())
            .map(kind -> "; " + kind + " is for another file")
            .orElse(Nearest.hint(letters, kinds.stream().map(SectionKind::title).toList()));
    String message = "unknown section " + problems.quote(name) + hint;
    if (unknownKeys == UnknownKeys.WARN) {
      problems.warning(name, message);
    } else {
      problems.error(name, message);
    }
  }
}
