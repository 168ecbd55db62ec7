package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of the files, whatever their keys mean. */
class SyntaxTest {

  @TempDir private Path folder;

  private Problems problems;

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "Key a b               ~ Key|a|b",
        "`  Key \t a \t\t b  ` ~ Key|a|b",
        "Key                   ~ Key",
        "Key 'a b' \"c d\"     ~ Key|a b|c d",
        "Key 'a \"b' \"c 'd\"  ~ Key|a \"b|c 'd",
        "Key a'b c'd           ~ Key|ab cd",
        "Key '' \"\" end       ~ Key|||end",
        "Key a\\ b c           ~ Key|a b|c",
        "Key \\\"a \\'b \\\\c  ~ Key|\"a|'b|\\c",
        "Key \"a\\\"b\" c      ~ Key|a\"b|c",
        "Key 'a\\b'            ~ Key|a\\b",
        "Key a#b #c            ~ Key|a#b|#c",
        "'Ke'y [x] ]           ~ Key|[x]|]"
      })
  void aLineIsSplitAtBlanksThatAreNotQuoted(String line, String words) throws IOException {
    assertThat(entries("[Global]\n" + line)).containsExactly("2:" + words);
    assertThat(problems.inOrder()).isEmpty();
  }

  @Test
  void commentsAndEmptyLinesAreLeftOut() throws IOException {
    assertThat(entries("# first\n[Global]\n\n  # Key a \\\nKey b\n \t \n#\nKey c"))
        .containsExactly("5:Key|b", "8:Key|c");
  }

  @Test
  void aBackslashAtTheEndGoesOnWithTheNextLine() throws IOException {
    assertThat(entries("[Global]\nKey a \\\n  b\\\nc \\\n# d\nKey e \\"))
        .containsExactly("2:Key|a|bc|#|d", "6:Key|e");
  }

  @Test
  void eachWordKnowsItsLine() throws IOException {
    List<Section> sections = read("[Global]\n\nKey a \\\n\\\n  b 'c \\\n d' e\n");

    Entry entry = sections.get(0).entries().get(0);
    assertThat(entry.line()).isEqualTo(3);
    assertThat(entry.values())
        .containsExactly(
            new Token("a", 3), new Token("b", 5), new Token("c  d", 5), new Token("e", 6));
  }

  @Test
  void windowsLinesAndAByteOrderMarkAreTaken() throws IOException {
    assertThat(entries("\ufeff[Global]\r\nKey a\\\r\nb\r\n")).containsExactly("2:Key|ab");
  }

  @Test
  void sectionsOfAName() throws IOException {
    List<Section> sections =
        read(
            "[portalgroup7]\nA\n[LogicalUnit12x3]\nB\n[PORTALGROUP7]\nC\n[global\nD\n[ Global ]\nE");

    assertThat(sections)
        .extracting(Section::kind, Section::number, Section::line, section -> keys(section))
        .containsExactly(
            tuple(SectionKind.PORTAL_GROUP, 7, 1, "A C"),
            tuple(SectionKind.LOGICAL_UNIT, 12, 3, "B"),
            tuple(SectionKind.GLOBAL, 0, 7, "D E"));
    assertThat(told()).containsExactly("7: warning: the section's name has no ] behind it");
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.api.Assertions.tuple(values);
  }

  private static String keys(Section section) {
    return section.entries().stream()
        .map(entry -> entry.key().text())
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "Key a              ~ 1: text before the first section; a section begins with [Name]",
        "[Global] # all     ~ 1: text behind the section's name; a comment has a line of its own",
        "[Golbal]           ~ 1: unknown section 'Golbal'; did you mean Global?",
        "[Portals1]         ~ 1: unknown section 'Portals1'; accepted: Global, UnitControl, PortalGroup, InitiatorGroup, LogicalUnit",
        "[PortalGrup12]     ~ 1: unknown section 'PortalGrup12'; did you mean PortalGroup?",
        "[AuthGroup1]       ~ 1: unknown section 'AuthGroup1'; [AuthGroupN] is for another file",
        "[PortalGroup]      ~ 1: the number in a section's name [PortalGroupN] must be within 1..65535",
        "[PortalGroup0]     ~ 1: the number in a section's name [PortalGroupN] must be within 1..65535",
        "[LogicalUnit65536] ~ 1: the number in a section's name [LogicalUnitN] must be within 1..65535",
        "[InitiatorGroup99999999999999999999] ~ 1: the number in a section's name [InitiatorGroupN] must be within 1..2147483647"
      })
  void aHeaderThatIsNoneIsTold(String line, String complaint) throws IOException {
    read(line);

    assertThat(told()).containsExactly(complaint);
    assertThat(problems.refused()).isTrue();
  }

  @Test
  void aNumberHasOneName() throws IOException {
    read("[PortalGroup1]\n[PortalGroup 1]");

    assertThat(told()).containsExactly("2: PortalGroup1 is in line 1 already, under another name");
  }

  @Test
  void keysOfAnUnknownSectionAreNobodysMistake() throws IOException {
    problems = Problems.of(write("[Elsewhere]\nKey a\n"));
    Syntax.read(problems, UnknownKeys.WARN, EnumSet.of(SectionKind.GLOBAL));

    assertThat(told()).containsExactly("1: warning: unknown section 'Elsewhere'; accepted: Global");
    assertThat(problems.refused()).isFalse();
  }

  @Test
  void aQuoteThatIsNotClosedIsTold() throws IOException {
    assertThat(entries("[Global]\nKey it's a b\nNext c"))
        .containsExactly("2:Key|its a b", "3:Next|c");
    assertThat(told())
        .containsExactly("2: warning: a quote (') is opened and not closed in this line");
  }

  @Test
  void textOfAnotherEncodingIsForComments() throws IOException {
    Path file = folder.resolve("latin");
    Files.write(
        file, "# caf\u00e9\n[Global]\nKey caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    problems = Problems.of(file);
    Syntax.read(problems, UnknownKeys.REFUSE, EnumSet.of(SectionKind.GLOBAL));

    assertThat(told()).containsExactly("3: this line is no text in UTF-8");
  }

  @Test
  void aFileThatCantBeReadIsAProblem() {
    problems = Problems.of(folder.resolve("none"));
    Syntax.read(problems, UnknownKeys.REFUSE, EnumSet.of(SectionKind.GLOBAL));
    assertThat(told()).containsExactly("0: no such file");

    problems = Problems.of(folder);
    Syntax.read(problems, UnknownKeys.REFUSE, EnumSet.of(SectionKind.GLOBAL));
    assertThat(told()).singleElement().asString().startsWith("0: can't be read: ");
  }

  @Test
  void noMoreIsToldThanSomebodyReads() throws IOException {
    read("Key\n".repeat(1000));

    assertThat(problems.inOrder()).hasSize(201);
    assertThat(told().get(200)).isEqualTo("201: more is wrong than is told here");
  }

  private List<String> told() {
    return problems.inOrder().stream()
        .map(
            problem ->
                problem.line() + ": " + (problem.warning() ? "warning: " : "") + problem.message())
        .toList();
  }

  private List<String> entries(String text) throws IOException {
    return read(text).get(0).entries().stream().map(SyntaxTest::flat).toList();
  }

  private static String flat(Entry entry) {
    List<String> words = new ArrayList<>(List.of(entry.key().text()));
    entry.values().forEach(value -> words.add(value.text()));
    return entry.line() + ":" + String.join("|", words);
  }

  private List<Section> read(String text) throws IOException {
    problems = Problems.of(write(text));
    return List.copyOf(
        Syntax.read(
            problems,
            UnknownKeys.REFUSE,
            EnumSet.complementOf(EnumSet.of(SectionKind.AUTH_GROUP))));
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("file"), text);
  }
}
