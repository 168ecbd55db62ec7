package org.iscsi4j.examples.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every verb, in both forms. */
class ConversationTest {

  private static final String DISK = FakeDaemon.DISK.toString();
  private static final String CD = FakeDaemon.CD.toString();

  private FakeDaemon daemon;
  private Conversation conversation;

  @BeforeEach
  void begin() throws IOException {
    daemon = new FakeDaemon();
    conversation =
        new Conversation(
            new Verbs(daemon, new FakeTraceSwitch()),
            new Authenticator(TestControl.rule(Method.AUTO), TestControl.USERS),
            3,
            "a test");
  }

  @AfterEach
  void end() {
    daemon.close();
  }

  // ---- istgt's

  @Test
  void listTellsTargets() {
    assertThat(ask("LIST")).containsExactly("LIST " + DISK, "LIST " + CD, "OK LIST");
    assertThat(ask("LIST \"all\"")).isEqualTo(ask("LIST"));
  }

  @Test
  void listTellsEveryUnitOfATarget() {
    assertThat(ask("LIST " + DISK))
        .containsExactly(
            "LIST lun0 storage \"/disks/first.img\" 10485760",
            "LIST lun1 storage \"/disks/\\\"second\\\" one.img\" 4194304",
            "OK LIST");
  }

  @Test
  void listTellsOneUnit() {
    assertThat(ask("list '" + CD.toUpperCase(Locale.ROOT) + "' 0"))
        .containsExactly("LIST lun0 removable present lock - ro \"/media/cd.iso\" auto", "OK LIST");
  }

  @Test
  void infoTellsConnections() throws IOException {
    assertThat(ask("INFO")).containsExactly("INFO no login", "OK INFO");
    try (Initiator initiator = new Initiator(daemon.server(), FakeDaemon.DISK)) {
      assertThat(initiator.command(0, 0)).isEqualTo(2); // the unit attention of the power-on

      assertThat(ask("INFO " + DISK).get(0))
          .matches(
              "INFO Login from iqn\\.2026-01\\.org\\.example:initiator \\(127\\.0\\.0\\.1\\) on "
                  + DISK
                  + " LU1 \\(127\\.0\\.0\\.1:\\d+,1\\), ISID=80123456abcd, TSIH=\\d+, CID=0,"
                  + " HeaderDigest=off, DataDigest=off, MaxConnections=\\d+, FirstBurstLength=\\d+,"
                  + " MaxBurstLength=\\d+, MaxRecvDataSegmentLength=8192, InitialR2T=(Yes|No),"
                  + " ImmediateData=(Yes|No)");
      assertThat(ask("INFO " + CD)).containsExactly("INFO no login", "OK INFO");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LOAD @CD 0, load @CD/0",
    "UNLOAD @CD, unload @CD/0",
    "RESET @DISK 1, reset @DISK/1",
    "REFRESH, reload",
    "REMOVE @DISK 1, remove @DISK/1",
    "RESIZE @DISK 0 20M, resize @DISK/0 20971520",
    "ADD @DISK 5 mem:64m, add @DISK/5 mem:64m"
  })
  void verbsAreCarriedOut(String line, String call) {
    assertThat(ask(full(line))).last().asString().startsWith("OK ");
    assertThat(daemon.calls).containsExactly(full(call));
  }

  @Test
  void changeTellsTheMedium() {
    assertThat(ask("CHANGE " + CD + " 0 - rw,extend \"new one.img\" 1M-1K"))
        .containsExactly("OK CHANGE");
    assertThat(daemon.calls)
        .containsExactly(
            "change "
                + CD
                + "/0 MediumSpec[path=new one.img, flags=MediumFlags[readOnly=false,"
                + " extend=true, dynamic=false], size=MediumSize[bytes=OptionalLong[1047552]]]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | unknown command",
        "BOGUS | unknown command",
        "LOAD | invalid parameters: LOAD target [lun]",
        "LOAD @CD 0 1 | invalid parameters: LOAD target [lun]",
        "LOAD @CD x | invalid parameters: lun 'x' is no number from 0 to 16383",
        "LOAD @CD 16384 | invalid parameters: lun '16384' is no number from 0 to 16383",
        "LOAD @CD 1 | no target",
        "LOAD @DISK 0 | not removable",
        "UNLOAD nothing | no target",
        "LIST iqn.2026-01.org.example:none | no target",
        "LIST @DISK 7 | no target",
        "CHANGE @CD 0 - ro | invalid parameters: CHANGE target lun type flags file size",
        "CHANGE @CD 0 tape ro f auto | unsupport LUN type",
        "CHANGE @DISK 0 - ro f auto | not removable",
        "RESIZE @DISK 0 auto | invalid parameters: size 'auto' is no number of bytes",
        "ADD @DISK 5 floppy | invalid parameters: 'floppy' is no device",
        "CLOSE 77 | no session",
        "TRACE disk | invalid parameters: area 'disk' is none of all, none, iscsi, lu, net, scsi",
        "LIST \"open | invalid parameters: a quote \" is not closed"
      })
  void whatMakesNoSenseIsRefused(String line, String reason) {
    assertThat(ask(full(line))).singleElement().asString().startsWith("ERR " + reason);
    assertThat(daemon.calls).isEmpty();
  }

  @Test
  void aFailureIsTold() {
    daemon.failure = Optional.of(new IOException("no medium\r\nOK LOAD"));

    assertThat(ask("LOAD " + CD)).containsExactly("ERR load: no medium  OK LOAD");
  }

  @Test
  void aBadConfigurationIsToldWithItsProblems() throws IOException {
    Problem warning = new Problem(Path.of("istgt.conf"), 2, "old", true);
    daemon.problems =
        List.of(
            warning,
            new Problem(Path.of("istgt.conf"), 3, "bad", false),
            new Problem(Path.of("istgt.conf"), 4, "worse", false));

    assertThat(ask("REFRESH")).containsExactly("ERR refresh: istgt.conf:3: bad (and 1 more)");
    assertThat(json("REFRESH").get("problems")).hasSize(3);
  }

  // ---- beyond istgt

  @Test
  void refreshTellsInJsonWhatHasChanged() throws IOException {
    assertThat(json("REFRESH"))
        .hasToString(
            "{\"command\":\"REFRESH\",\"ok\":true,"
                + "\"result\":[\"target a added\",\"target b removed\"]}");
  }

  @Test
  void sessionsAreToldAndClosed() throws IOException {
    try (Initiator initiator = new Initiator(daemon.server(), FakeDaemon.DISK)) {
      initiator.command(0, 0);
      JsonNode session = json("SESSIONS " + DISK).at("/result/0");

      assertThat(session.get("initiator").asText()).isEqualTo(Initiator.NAME);
      assertThat(session.get("target").asText()).isEqualTo(DISK);
      assertThat(session.get("isid").asText()).isEqualTo(Initiator.ISID);
      assertThat(session.at("/negotiated/ErrorRecoveryLevel").asText()).isNotEmpty();
      assertThat(session.at("/connections/0/cid").asInt(-1)).isZero();
      assertThat(session.at("/connections/0/negotiated/HeaderDigest").asText()).isEqualTo("None");
      assertThat(ask("SESSIONS").get(0))
          .startsWith("SESSIONS session=" + session.get("session") + " initiator=" + Initiator.NAME)
          .contains(" connections.0.portal=127.0.0.1:");

      assertThat(ask("CLOSE " + session.get("session"))).containsExactly("OK CLOSE");

      assertThat(initiator.ended()).isTrue();
      assertThat(ask("SESSIONS")).containsExactly("OK SESSIONS");
    }
  }

  @Test
  void reservationsAreTold() throws IOException {
    try (Initiator initiator = new Initiator(daemon.server(), FakeDaemon.DISK)) {
      initiator.command(1, 0); // takes the unit attention of the power-on
      assertThat(initiator.command(1, 0x16)).isZero(); // RESERVE(6)

      assertThat(ask("RESERVATIONS"))
          .containsExactly(
              "RESERVATIONS target="
                  + DISK
                  + " lun=1 type=RESERVE initiator="
                  + Initiator.NAME
                  + ",i,0x"
                  + Initiator.ISID
                  + " port="
                  + DISK
                  + ",t,0x0001 holder=true",
              "OK RESERVATIONS");
      assertThat(ask("RESERVATIONS " + DISK + " 0")).containsExactly("OK RESERVATIONS");
    }
  }

  @Test
  void statisticsCountCommands() throws IOException {
    try (Initiator initiator = new Initiator(daemon.server(), FakeDaemon.DISK)) {
      initiator.command(0, 0);
      initiator.command(0, 0x35); // SYNCHRONIZE CACHE(10)
    }
    JsonNode rows = json("STATS " + DISK).get("result");

    assertThat(rows).hasSize(2);
    assertThat(rows.at("/0/synchronize/operations").asInt()).isOne();
    assertThat(rows.at("/0/availability").asText()).isEqualTo("ready");
    assertThat(ask("STATS " + DISK + " 1").get(0))
        .startsWith("STATS target=" + DISK + " lun=1 ")
        .contains(" read.operations=0 ", " write.p99Nanos=0 ");
  }

  @Test
  void traceChangesWhatIsLogged() {
    assertThat(ask("TRACE net,scsi"))
        .containsExactly(
            "TRACE area=iscsi enabled=false",
            "TRACE area=lu enabled=false",
            "TRACE area=net enabled=true",
            "TRACE area=scsi enabled=true",
            "OK TRACE");
    assertThat(ask("TRACE none")).noneMatch(line -> line.contains("true"));
    assertThat(ask("TRACE all")).noneMatch(line -> line.contains("false"));
    assertThat(ask("TRACE")).isEqualTo(ask("TRACE all"));
  }

  @Test
  void helpTellsEveryVerb() {
    assertThat(ask("HELP"))
        .contains("HELP verb=CHANGE arguments=\"target lun type flags file size\"")
        .hasSizeGreaterThan(17);
  }

  @Test
  void jsonTellsUnits() throws IOException {
    assertThat(json("LIST").at("/result/2"))
        .hasToString(
            "{\"target\":\""
                + CD
                + "\",\"lun\":0,\"type\":\"dvd\",\"removable\":true,"
                + "\"present\":true,\"locked\":true,\"flags\":\"ro\",\"file\":\"/media/cd.iso\","
                + "\"size\":2097152}");
  }

  @Test
  void jsonTellsErrors() throws IOException {
    assertThat(json("LOAD " + DISK))
        .hasToString("{\"command\":\"LOAD\",\"ok\":false,\"error\":\"not removable\"}");
    assertThat(json("").get("error").asText()).isEqualTo("unknown command");
    assertThat(json("AUTH CHAP_A 5").get("ok").asBoolean()).isFalse();
  }

  @Test
  void jsonQuitIsTheLastWord() {
    assertThat(conversation.answer("JSON QUIT").last()).isTrue();
  }

  private List<String> ask(String line) {
    return conversation.answer(line).lines();
  }

  private JsonNode json(String line) throws IOException {
    List<String> lines = ask("JSON " + line);
    assertThat(lines).hasSize(1);
    return new JsonMapper().readTree(lines.get(0));
  }

  private static String full(String text) {
    return text.replace("@CD", CD).replace("@DISK", DISK);
  }
}
