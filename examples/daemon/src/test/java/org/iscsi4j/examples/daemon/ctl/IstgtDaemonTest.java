package org.iscsi4j.examples.daemon.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What istgt's daemon says, as documents of ours; the daemon is a script of its lines. */
class IstgtDaemonTest {

  private static final String GREETING =
      "iSCSI Target Controller version 0.4 (20111008) on 127.0.0.1 from 127.0.0.1";

  private static final Map<String, String> REPLIES =
      Map.of(
          "VERSION", "VERSION 0.4 (20111008)\r\nOK VERSION",
          "LIST", "LIST iqn.2007-09.a:disk\r\nLIST iqn.2007-09.a:cd\r\nOK LIST",
          "LIST \"iqn.2007-09.a:disk\" 0", "LIST lun0 storage \"/a b.img\" 1024\r\nOK LIST",
          "LIST \"iqn.2007-09.a:disk\" 3", "LIST lun3 storage \"/c.img\" 2048\r\nOK LIST",
          "LIST \"iqn.2007-09.a:cd\" 0",
              "LIST lun0 removable absent lock - rw,extend \"/d.iso\" auto\r\nOK LIST",
          "INFO", "INFO no login\r\nOK INFO",
          "INFO \"iqn.2007-09.a:disk\"",
              "INFO Login from iqn.2008-11.b (::1) on iqn.2007-09.a:disk LU1 ([::1]:3260,2),"
                  + " ISID=80e7265c0000, TSIH=4, CID=1, HeaderDigest=on, DataDigest=off,"
                  + " MaxConnections=1\r\nINFO something new\r\nOK INFO",
          "LOAD \"iqn.2007-09.a:disk\" \"0\"", "ERR not removable");

  private ServerSocket server;
  private ControlLink link;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread script = new Thread(this::play, "istgt");
    script.setDaemon(true);
    script.start();
    link = ControlLink.tcp("127.0.0.1", server.getLocalPort(), Duration.ofSeconds(60));
  }

  private void play() {
    try (Socket client = server.accept()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
      OutputStream out = client.getOutputStream();
      out.write((GREETING + "\r\n").getBytes(StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String reply = REPLIES.getOrDefault(line, "ERR no target");
        out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // the test has ended
    }
  }

  @AfterEach
  void disconnect() throws IOException {
    link.close();
    server.close();
  }

  @Test
  void versionIsAText() throws IOException {
    assertThat(ask(Action.VERSION))
        .isEqualTo("{\"command\":\"VERSION\",\"ok\":true,\"result\":\"0.4 (20111008)\"}");
  }

  @Test
  void everyUnitIsAskedFor() throws IOException {
    assertThat(ask(Action.LIST))
        .isEqualTo(
            "{\"command\":\"LIST\",\"ok\":true,\"result\":["
                + "{\"target\":\"iqn.2007-09.a:disk\",\"lun\":0,\"type\":\"storage\","
                + "\"removable\":false,\"file\":\"/a b.img\",\"size\":1024},"
                + "{\"target\":\"iqn.2007-09.a:disk\",\"lun\":3,\"type\":\"storage\","
                + "\"removable\":false,\"file\":\"/c.img\",\"size\":2048},"
                + "{\"target\":\"iqn.2007-09.a:cd\",\"lun\":0,\"type\":\"removable\","
                + "\"removable\":true,\"present\":false,\"locked\":true,\"flags\":\"rw,extend\","
                + "\"file\":\"/d.iso\",\"size\":\"auto\"}]}");
  }

  @Test
  void loginsAreRows() throws IOException {
    assertThat(ask(Action.INFO)).isEqualTo("{\"command\":\"INFO\",\"ok\":true,\"result\":[]}");
    assertThat(ask(Action.INFO, "iqn.2007-09.a:disk"))
        .isEqualTo(
            "{\"command\":\"INFO\",\"ok\":true,\"result\":[{\"target\":\"iqn.2007-09.a:disk\","
                + "\"initiator\":\"iqn.2008-11.b\",\"address\":\"::1\",\"portal\":\"[::1]:3260\","
                + "\"tag\":2,\"isid\":\"80e7265c0000\",\"tsih\":4,\"cid\":1,"
                + "\"HeaderDigest\":\"CRC32C\",\"DataDigest\":\"None\",\"MaxConnections\":\"1\"},"
                + "{\"text\":\"something new\"}]}");
  }

  @Test
  void refusalsAreTold() throws IOException {
    assertThat(ask(Action.LOAD, "iqn.2007-09.a:disk", "0"))
        .isEqualTo("{\"command\":\"LOAD\",\"ok\":false,\"error\":\"not removable\"}");
    assertThat(ask(Action.LIST, "iqn.2007-09.a:none"))
        .isEqualTo("{\"command\":\"LIST\",\"ok\":false,\"error\":\"no target\"}");
  }

  @Test
  void whatItDoesNotKnowIsNotAskedFor() throws IOException {
    assertThat(ask(Action.SESSIONS)).contains("istgt's daemon does not know sessions");
  }

  private String ask(Action action, String... words) throws IOException {
    return ControlDaemon.of(link).ask(action, List.of(words)).toString();
  }
}
