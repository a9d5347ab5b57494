/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import io.millrace.systemtests.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The jars of one client of Flume, loaded apart from the tests and from all others: what they see
 * is the JDK, {@link EventSender} and {@link TestEvent}.
 */
final class PeerJars {
  private static final String SHARED = PeerJars.class.getPackageName();
  private static final String DRIVERS = SHARED + ".peer.";

  private final ClassLoader loader;

  private PeerJars(List<Path> directories) {
    List<URL> places = new ArrayList<>(List.of(testClasses()));
    directories.forEach(directory -> places.addAll(jarsOf(directory)));
    loader = new URLClassLoader("peer", places.toArray(URL[]::new), new Shared());
  }

  /** The client library of Flume 1.11, as its agents have it. */
  static PeerJars sdk() {
    return new PeerJars(List.of(Installation.flumeLib()));
  }

  /** The client library of an earlier version. */
  static PeerJars sdk(String version) {
    Path clients = Installation.flumeClients();
    Path others =
        version.startsWith("1.10.") ? Installation.flumeLib() : clients.resolve("sdk-common");
    return new PeerJars(List.of(clients.resolve("sdk-" + version), others));
  }

  /** One of {@code log4j1} and {@code log4j2}, with the client library of Flume 1.11. */
  static PeerJars appender(String name) {
    return new PeerJars(
        List.of(Installation.flumeClients().resolve(name), Installation.flumeLib()));
  }

  /**
   * @param driver simple name of a class of the package {@code peer}
   */
  EventSender open(String driver, Map<String, String> options) throws Exception {
    Properties properties = new Properties();
    properties.putAll(options);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return (EventSender)
          loader
              .loadClass(DRIVERS + driver)
              .getConstructor(Properties.class)
              .newInstance(properties);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URL testClasses() {
    return PeerJars.class.getProtectionDomain().getCodeSource().getLocation();
  }

  private static List<URL> jarsOf(Path directory) {
    List<URL> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        jars.add(url(file));
      }
      return jars;
    } catch (IOException e) {
      throw new UncheckedIOException(
          directory + " is not there (expected: laid out by mvn -pl flume-peer package)", e);
    }
  }

  private static URL url(Path file) throws MalformedURLException {
    return file.toUri().toURL();
  }

  /** What peers have in common with the tests. */
  private static final class Shared extends ClassLoader {
    Shared() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.equals(EventSender.class.getName())) {
        return EventSender.class;
      }
      if (name.equals(TestEvent.class.getName())) {
        return TestEvent.class;
      }
      throw new ClassNotFoundException(name);
    }
  }
}
