package org.iscsi4j.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;

/**
 * Loads {@link VendorProvider} as from a class path outside this module, with the services file
 * that names it.
 */
final class VendorLoader extends ClassLoader {

  private static final String VENDOR = VendorProvider.class.getName();

  private final URL services;

  VendorLoader(Path directory) throws IOException {
    super(VendorLoader.class.getClassLoader());
    services = Files.writeString(directory.resolve("services"), VENDOR + "\n").toUri().toURL();
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return name.equals("META-INF/services/" + BlockDeviceProvider.class.getName())
        ? Collections.enumeration(Collections.singleton(services))
        : super.getResources(name);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return name.equals(VENDOR) ? findClass(name) : super.loadClass(name, resolve);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream bytes = VendorLoader.class.getResourceAsStream("VendorProvider.class")) {
      byte[] code = bytes.readAllBytes();
      return defineClass(name, code, 0, code.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
