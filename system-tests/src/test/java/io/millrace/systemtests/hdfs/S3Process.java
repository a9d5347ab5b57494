/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Installation;
import io.millrace.systemtests.Ports;
import io.millrace.systemtests.WatchedProcess;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A real S3 server that keeps its objects as files: {@code BUCKET/KEY} below {@link #objects}.
 * Confined to one thread.
 */
final class S3Process implements AutoCloseable {
  static final String KEY = "a-key";
  static final String SECRET = "a-secret";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final int port;
  private WatchedProcess process;

  private S3Process(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  static S3Process start(Path directory, String bucket) throws IOException {
    S3Process server = new S3Process(directory, Ports.free());
    Files.createDirectories(server.objects().resolve(bucket));
    Files.writeString(
        directory.resolve("s3proxy.conf"),
        """
        s3proxy.endpoint=%s
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem
        jclouds.identity=of-no-use
        jclouds.credential=of-no-use
        jclouds.filesystem.basedir=%s
        """
            .formatted(server.endpoint(), KEY, SECRET, server.objects()));
    server.start();
    return server;
  }

  /** Starts it, on the same port each time, with the objects that are there. */
  void start() {
    Path jars = Installation.sources().resolve("servers/s3/target/lib");
    if (!Files.isDirectory(jars)) {
      throw new IllegalStateException(
          jars + " is not there (expected: laid out by mvn -pl servers/s3 package)");
    }
    process =
        WatchedProcess.start(
            "s3",
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                jars + "/*",
                "org.gaul.s3proxy.Main",
                "--properties",
                directory.resolve("s3proxy.conf").toString()),
            directory,
            Map.of(),
            directory.resolve("s3.log"));
    Conditions.await("the S3 server listens", LIMIT, this::isListening);
  }

  private boolean isListening() {
    if (!process.isAlive()) {
      throw new IllegalStateException("The S3 server has ended, see " + directory);
    }
    try (Socket connection = Ports.connect(port)) {
      return connection.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  void kill() {
    process.kill();
  }

  String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  Path objects() {
    return directory.resolve("objects");
  }

  @Override
  public void close() {
    process.close();
  }
}
