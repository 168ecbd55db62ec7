package org.iscsi4j.examples.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.junit.jupiter.api.Test;

/** What is told of a server: as JSON for programs, as HTML for people. */
class StatusTest {

  private static final long SECOND = 1_000_000_000L;
  private static final String STRANGER = "iqn.2026-11.org.example:<script>alert(1)</script>&'\"";

  private final History history = new History();
  private final StatusMaker maker =
      new StatusMaker("1.2", Instant.parse("2026-11-23T09:58:30Z"), history);

  // ---- JSON

  @Test
  void theServerIsToldByValue() throws JsonProcessingException {
    JsonNode json = json(busy(), Optional.empty());

    assertThat(json.at("/server").toString())
        .isEqualTo(
            """
            {"name":"a server","version":"1.2","taken":"2026-11-23T10:00:00Z",\
            "uptimeSeconds":90,"complete":true}""");
    assertThat(json.at("/counts").toString())
        .isEqualTo(
            """
            {"targets":1,"units":1,"sessions":1,"connections":2,"pendingLogins":0,\
            "outstanding":1}""");
    assertThat(json.at("/portals").toString())
        .isEqualTo("[{\"address\":\"192.0.2.1:3260\",\"group\":2,\"tls\":false}]");
  }

  @Test
  void aUnitIsToldByValue() throws JsonProcessingException {
    JsonNode unit = json(busy(), Optional.empty()).at("/targets/0/units/0");

    assertThat(unit.toString())
        .isEqualTo(
            """
            {"lun":3,"type":"disk","product":"ISCSI4J VIRTUAL-DISK","serial":"a serial",\
            "state":"ready","readOnly":false,"locked":false,"reserved":false,"sizeBytes":65536,"blockBytes":512,\
            "initiators":1,"now":{"readBytesPerSecond":3584,"writtenBytesPerSecond":0,\
            "readsPerSecond":2.0,"writesPerSecond":0.0,"othersPerSecond":0.0,"p50Nanos":2047,\
            "p99Nanos":57343,"outstanding":7},"total":{"readBytes":4096,"writtenBytes":0,\
            "operations":3,"errors":0,"aborted":0},"recentBytesPerSecond":[3584]}""");
  }

  @Test
  void aSessionIsToldByValue() throws JsonProcessingException {
    JsonNode session = json(busy(), Optional.empty()).at("/sessions/0");

    assertThat(session.at("/initiator").asText()).isEqualTo(STRANGER);
    assertThat(session.at("/user").asText()).isEqualTo("a <user>");
    assertThat(session.at("/target").asText()).isEqualTo(Seen.TARGET);
    assertThat(session.at("/isid").asText()).isEqualTo("800000000001");
    assertThat(session.at("/tsih").asInt()).isEqualTo(5);
    assertThat(session.at("/ageSeconds").asLong()).isEqualTo(90);
    assertThat(session.at("/commands").asLong()).isEqualTo(1234);
    assertThat(session.at("/outstanding").asInt()).isEqualTo(1);
    assertThat(session.at("/connections/1").toString())
        .isEqualTo(
            """
            {"cid":1,"remote":"192.0.2.7:40000","local":"192.0.2.1:3260","headerDigest":"CRC32C",\
            "dataDigest":"None","inBytes":2048,"outBytes":3145728,"idleSeconds":4,"lost":false}""");
  }

  @Test
  void theHistoryIsOfAllUnitsOrOfOne() throws JsonProcessingException {
    ServerSnapshot server = busy();

    JsonNode all = json(server, Optional.empty()).at("/history");
    JsonNode one = json(server, Optional.of(Seen.PLACE)).at("/history");
    JsonNode gone = json(server, Optional.of(new Place(Seen.TARGET, 9))).at("/history");

    assertThat(all.toString())
        .isEqualTo(
            """
            {"ageSeconds":[0.0],"readBytesPerSecond":[3584],"writtenBytesPerSecond":[0],\
            "readsPerSecond":[2.0],"writesPerSecond":[0.0],"othersPerSecond":[0.0],\
            "p50Nanos":[2047],"p99Nanos":[57343],"outstanding":[7]}""");
    assertThat(one.at("/target").asText()).isEqualTo(Seen.TARGET);
    assertThat(one.at("/lun").asInt()).isEqualTo(3);
    assertThat(gone).as("of a unit that is not served").isEqualTo(all);
  }

  @Test
  void typesAndStatesHaveWords() throws JsonProcessingException {
    ServerSnapshot server =
        Seen.server(
            unit(PeripheralDeviceType.SEQUENTIAL_ACCESS, UnitAvailability.OFFLINE),
            unit(PeripheralDeviceType.CD_DVD, UnitAvailability.EJECTED),
            unit(PeripheralDeviceType.DIRECT_ACCESS, UnitAvailability.MEDIUM_FAILED));

    JsonNode units = json(server, Optional.empty()).at("/targets/0/units");

    assertThat(units.findValuesAsText("type")).containsExactly("tape", "dvd", "disk");
    assertThat(units.findValuesAsText("state"))
        .containsExactly("offline", "no medium", "medium failed");
    assertThat(units.findValuesAsText("sizeBytes")).containsExactly("65536", "0", "65536");
    assertThat(units.findValuesAsText("readOnly")).containsExactly("false", "true", "false");
    assertThat(units.findValuesAsText("locked")).containsExactly("true", "false", "false");
    assertThat(html(server)).contains(">offline, locked<", ">no medium, read-only<");
  }

  @Test
  void anAnswerHasSoManyRowsAndSaysHowManyThereAre() throws JsonProcessingException {
    TreeMap<Integer, UnitSnapshot> units = new TreeMap<>();
    for (int lun = 0; lun < Status.MAX_ROWS + 5; lun++) {
      units.put(lun, unit(PeripheralDeviceType.DIRECT_ACCESS, UnitAvailability.READY));
    }
    ServerSnapshot server =
        Seen.server(true, List.of(), List.of(new TargetSnapshot(name(), units)));

    JsonNode json = json(server, Optional.empty());

    assertThat(json.at("/targets/0/units")).hasSize(Status.MAX_ROWS);
    assertThat(json.at("/counts/units").asInt()).isEqualTo(Status.MAX_ROWS + 5);
    assertThat(html(server)).contains("And 5 more");
  }

  // ---- HTML

  @Test
  void whatStrangersChooseIsTextAndNothingElse() {
    String html = html(busy());

    assertThat(html)
        .contains("iqn.2026-11.org.example:&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;&quot;")
        .contains("as a &lt;user&gt;")
        .contains("&lt;alias&gt; {{name}}")
        .doesNotContain("<script>", "<user>", "<alias>");
  }

  @Test
  void thePageIsWholeWithoutItsScript() {
    assertThat(html(busy()))
        .contains("<dt>Read</dt><dd data-v=\"read\">3.5 KiB/s</dd>")
        .contains("<tr data-key=\"iqn.2026-11.org.example:disk 3\">")
        .contains("<a href=\"?target=iqn.2026-11.org.example%3Adisk&amp;lun=3#activity\">3</a>")
        .contains("<td class=\"n\" data-v=\"p99\">57 µs</td>")
        .contains("<td data-v=\"state\">ready</td>")
        .contains("<th scope=\"rowgroup\" rowspan=\"2\">")
        .contains("<td>192.0.2.7:40000</td>")
        .contains("<td class=\"n\" data-v=\"out\">3 MiB</td>")
        .contains("<th scope=\"row\">192.0.2.1:3260</th>")
        .contains("id=\"incomplete\" hidden")
        .contains("As of 2026-11-23 10:00:00 UTC");
  }

  @Test
  void thePageOfAUnitLeadsBackToAll() {
    Status status = maker.status(busy(), List.of(), Optional.of(Seen.PLACE));

    assertThat(new Page().html(status))
        .contains("Activity of LUN 3 of " + Seen.TARGET)
        .contains("<a href=\"./\">Show all units</a>");
  }

  @Test
  void anEmptyServerSaysSo() {
    assertThat(html(Seen.server(false, List.of(), List.of())))
        .contains("no target is served", "nobody is logged in", "Units <small>none</small>")
        .contains("id=\"incomplete\">");
  }

  @Test
  void aTargetWithoutUnitsSaysSo() {
    assertThat(html(Seen.server())).contains(Seen.TARGET, "<small>no units</small>");
  }

  // ---- made of

  private ServerSnapshot busy() {
    UnitSnapshot before = Seen.unit(Seen.reads(512, 900_000));
    UnitSnapshot after = Seen.unit(Seen.reads(4096, 900_000, 2000, 50_000));
    ServerSnapshot now =
        Seen.server(true, List.of(Seen.session(STRANGER, Optional.of("a <user>"), 0, 1)), after);
    history.add(Seen.server(before), 0);
    history.add(now, SECOND);
    return now;
  }

  private static UnitSnapshot unit(PeripheralDeviceType type, UnitAvailability availability) {
    return Seen.unit("a serial", type, availability, UnitStatistics.NONE);
  }

  private static IscsiName name() {
    return IscsiName.of(Seen.TARGET);
  }

  private JsonNode json(ServerSnapshot server, Optional<Place> of) throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    return mapper.readTree(mapper.writeValueAsString(maker.status(server, List.of(), of)));
  }

  private String html(ServerSnapshot server) {
    Target described =
        Target.builder(Seen.TARGET).alias("<alias> {{name}}").lun(MemoryDevice.ofSize(512)).build();
    return new Page().html(maker.status(server, List.of(described), Optional.empty()));
  }
}
