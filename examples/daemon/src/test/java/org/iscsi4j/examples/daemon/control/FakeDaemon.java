package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.examples.daemon.LunSpec;
import org.iscsi4j.examples.daemon.config.ConfigException;
import org.iscsi4j.examples.daemon.config.MediumSize;
import org.iscsi4j.examples.daemon.config.MediumSpec;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;
import org.iscsi4j.examples.daemon.config.Problem;
import org.iscsi4j.examples.daemon.config.UnitType;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.iscsi4j.examples.daemon.service.ServedLun;
import org.iscsi4j.target.IscsiServer;

/**
 * A real server with a disk of two units and a removable one; what is to be changed is written
 * down, and fails when the test says so.
 */
public final class FakeDaemon implements DaemonService, AutoCloseable {

  public static final IscsiName DISK = IscsiName.of("iqn.2026-01.org.example:disk");
  public static final IscsiName CD = IscsiName.of("iqn.2026-01.org.example:cd");

  private static final long MEBIBYTE = 1 << 20;

  private final List<ServedLun> luns = new CopyOnWriteArrayList<>();
  private final IscsiServer server;

  /** What was asked for, in its order. */
  public final List<String> calls = new CopyOnWriteArrayList<>();

  volatile Optional<IOException> failure = Optional.empty();
  volatile List<Problem> problems = List.of();

  public FakeDaemon() throws IOException {
    luns.add(disk(0, "/disks/first.img", 10 * MEBIBYTE));
    luns.add(disk(1, "/disks/\"second\" one.img", 4 * MEBIBYTE));
    luns.add(cd());
    Target.Builder disks = Target.builder(DISK.toString());
    disks.lun(0, luns.get(0).unit()).lun(1, luns.get(1).unit());
    Target drive = Target.builder(CD.toString()).lun(luns.get(2).unit()).build();
    server = IscsiServer.builder().target(disks.build()).target(drive).start();
  }

  private static ServedLun disk(int number, String file, long size) {
    BlockDevice device = MemoryDevice.ofSize(size);
    return new ServedLun(
        DISK,
        number,
        UnitType.DISK,
        new MediumSpec(Path.of(file), MediumFlags.WRITABLE, MediumSize.AUTO),
        OptionalLong.of(size),
        true,
        false,
        LogicalUnit.of(device));
  }

  private static ServedLun cd() {
    MediumFlags readOnly = new MediumFlags(true, false, false);
    return new ServedLun(
        CD,
        0,
        UnitType.DVD,
        new MediumSpec(Path.of("/media/cd.iso"), readOnly, MediumSize.AUTO),
        OptionalLong.of(2 * MEBIBYTE),
        true,
        true,
        LogicalUnit.builder(MemoryDevice.ofSize(2 * MEBIBYTE)).removable().build());
  }

  @Override
  public IscsiServer server() {
    return server;
  }

  @Override
  public List<ServedLun> luns() {
    return new ArrayList<>(luns);
  }

  @Override
  public Optional<ServedLun> lun(IscsiName target, int number) {
    return luns.stream()
        .filter(lun -> lun.target().equals(target) && lun.number() == number)
        .findFirst();
  }

  @Override
  public List<String> reload() throws ConfigException, IOException {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    called("reload");
    return List.of("target a added", "target b removed");
  }

  @Override
  public void load(ServedLun lun) throws IOException {
    called("load " + name(lun));
  }

  @Override
  public void unload(ServedLun lun) throws IOException {
    called("unload " + name(lun));
  }

  @Override
  public void change(ServedLun lun, MediumSpec medium) throws IOException {
    called("change " + name(lun) + " " + medium);
  }

  @Override
  public void reset(ServedLun lun) throws IOException {
    called("reset " + name(lun));
  }

  @Override
  public void add(IscsiName target, int number, LunSpec spec) throws IOException {
    called("add " + target + "/" + number + " " + spec.device());
  }

  @Override
  public void remove(ServedLun lun) throws IOException {
    called("remove " + name(lun));
  }

  @Override
  public void resize(ServedLun lun, long bytes) throws IOException {
    called("resize " + name(lun) + " " + bytes);
  }

  @Override
  public void stop() {
    throw new UnsupportedOperationException();
  }

  private static String name(ServedLun lun) {
    return lun.target() + "/" + lun.number();
  }

  private void called(String call) throws IOException {
    calls.add(call);
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
