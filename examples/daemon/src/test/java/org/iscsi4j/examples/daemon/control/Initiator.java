package org.iscsi4j.examples.daemon.control;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.target.IscsiServer;

/**
 * As much of an initiator as holds a session (RFC 7143 section 11): no data, one command a time.
 */
final class Initiator implements AutoCloseable {

  static final String NAME = "iqn.2026-01.org.example:initiator";

  /** ISID of the format RANDOM. */
  static final String ISID = "80123456abcd";

  private static final int BHS = 48;
  private static final int LIMIT_MILLIS = 60_000;

  private final Socket socket;
  private final DataInputStream in;
  private int cmdSn = 1;

  Initiator(IscsiServer server, IscsiName target) throws IOException {
    Portal portal = server.portals().get(0);
    socket = new Socket(portal.host(), portal.port());
    socket.setSoTimeout(LIMIT_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    String keys = "InitiatorName=" + NAME + "\0SessionType=Normal\0TargetName=" + target + "\0";
    byte[] text = keys.getBytes(StandardCharsets.UTF_8);
    ByteBuffer login = ByteBuffer.allocate(BHS + (text.length + 3) / 4 * 4);
    login.put(0, (byte) 0x43).put(1, (byte) 0x87); // Login, immediate; T, from 1 to 3
    login.putInt(4, text.length);
    login.putShort(8, (short) 0x8012).putInt(10, 0x3456abcd);
    login.putInt(24, cmdSn).put(BHS, text);
    socket.getOutputStream().write(login.array());
    if (answer().getShort(36) != 0) {
      throw new IOException("the login was refused");
    }
  }

  /** A command without data; returns its SCSI status. */
  int command(int lun, int... cdb) throws IOException {
    ByteBuffer command = ByteBuffer.allocate(BHS);
    command.put(0, (byte) 0x01).put(1, (byte) 0x80).put(9, (byte) lun);
    command.putInt(16, cmdSn).putInt(24, cmdSn++);
    for (int i = 0; i < cdb.length; i++) {
      command.put(32 + i, (byte) cdb[i]);
    }
    socket.getOutputStream().write(command.array());
    return answer().get(3);
  }

  /** Without what is behind the header. */
  private ByteBuffer answer() throws IOException {
    byte[] bhs = new byte[BHS];
    in.readFully(bhs);
    int length = ByteBuffer.wrap(bhs).getInt(4) & 0xffffff;
    in.readFully(new byte[(length + 3) / 4 * 4]);
    return ByteBuffer.wrap(bhs);
  }

  /** Whether the daemon has ended the session: what it still says is read. */
  boolean ended() throws IOException {
    while (in.read() >= 0) {
      // an asynchronous message may come before the end
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
