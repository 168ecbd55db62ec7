package org.iscsi4j.examples.daemon;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.iscsi4j.api.TlsSettings;
import org.iscsi4j.api.TlsSettings.ClientCertificates;

/**
 * Where the keys of TLS lie.
 *
 * @param keyStore a PKCS #12 file with the server's key and certificates
 * @param passwordFile holds the password in its first line; else it is in the environment
 * @param clientAuthorities PEM certificates of whoever signs clients'; without them clients need
 *     none
 */
record TlsFiles(Path keyStore, Optional<Path> passwordFile, Optional<Path> clientAuthorities) {

  /** The variable of the environment that holds the password of the key store. */
  static final String PASSWORD_VARIABLE = "ISCSI4J_TLS_PASSWORD";

  /**
   * Reads the files.
   *
   * @throws IOException when a file can't be read or used, naming it
   * @throws IllegalArgumentException when there is no password
   */
  TlsSettings settings(Map<String, String> environment) throws IOException {
    char[] password = password(environment);
    try {
      KeyManager[] keys = keys(password);
      TrustManager[] trust = clientAuthorities.isPresent() ? trust(clientAuthorities.get()) : null;
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return TlsSettings.of(context)
          .withClientCertificates(
              trust == null ? ClientCertificates.NONE : ClientCertificates.REQUIRED);
    } catch (GeneralSecurityException e) {
      throw new IOException(keyStore + ": " + e.getMessage(), e);
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  private char[] password(Map<String, String> environment) throws IOException {
    if (passwordFile.isPresent()) {
      return firstLine(passwordFile.get()).toCharArray();
    }
    if (environment.containsKey(PASSWORD_VARIABLE)) {
      return environment.get(PASSWORD_VARIABLE).toCharArray();
    }
    throw new IllegalArgumentException(
        "--tls-keystore needs --tls-password-file, or the password in " + PASSWORD_VARIABLE);
  }

  private static String firstLine(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": no text in UTF-8", e);
    }
  }

  private KeyManager[] keys(char[] password) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keyStore)) {
      store.load(new BufferedInputStream(in), password);
    } catch (FileSystemException e) {
      throw e; // which names the file
    } catch (IOException e) {
      boolean wrongPassword = e.getCause() instanceof UnrecoverableKeyException;
      String why = wrongPassword ? "wrong password" : "no PKCS #12 key store: " + e.getMessage();
      throw new IOException(keyStore + ": " + why, e);
    }
    if (!holdsKey(store)) {
      throw new IOException(keyStore + ": no private key in it");
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    return keys.getKeyManagers();
  }

  private static boolean holdsKey(KeyStore store) throws GeneralSecurityException {
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return true;
      }
    }
    return false;
  }

  private static TrustManager[] trust(Path file) throws IOException, GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    int count = 0;
    for (Certificate each : certificates(file)) {
      authorities.setCertificateEntry("ca-" + count++, each);
    }
    if (count == 0) {
      throw new IOException(file + ": no certificate in it");
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    return trust.getTrustManagers();
  }

  private static Iterable<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
