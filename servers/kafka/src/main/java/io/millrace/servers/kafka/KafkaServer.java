/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * One Kafka broker with its controller in this process, on loopback: a port for everybody, and, as
 * asked for, one for TLS and one for users with a password (SASL_PLAINTEXT, SCRAM-SHA-256). It can
 * be stopped and started again on the same ports and the same directory. Guarded by {@code this}.
 */
public final class KafkaServer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int NODE = 1;

  private final Properties properties;
  private final int port;
  private final int tlsPort;
  private final int saslPort;
  private KafkaRaftServer running;

  private KafkaServer(Properties properties, int port, int tlsPort, int saslPort) {
    this.properties = properties;
    this.port = port;
    this.tlsPort = tlsPort;
    this.saslPort = saslPort;
  }

  /** Settings of a broker that keeps its data in a directory. */
  public static Builder in(Path directory) {
    return new Builder(directory);
  }

  /** Address for clients that speak plain text and have no name. */
  public String bootstrap() {
    return HOST + ":" + port;
  }

  /** Address for clients that speak TLS. */
  public String tlsBootstrap() {
    return address(tlsPort, "TLS");
  }

  /** Address for clients that have a name and a password. */
  public String saslBootstrap() {
    return address(saslPort, "SASL");
  }

  private static String address(int port, String what) {
    if (port == 0) {
      throw new IllegalStateException("The broker was built without " + what);
    }
    return HOST + ":" + port;
  }

  public synchronized boolean isRunning() {
    return running != null;
  }

  /** Starts it, if it does not run. */
  public synchronized void start() {
    if (running != null) {
      return;
    }
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    try {
      server.startup();
    } catch (RuntimeException | Error e) {
      server.shutdown();
      server.awaitShutdown();
      throw e;
    }
    running = server;
  }

  /** Stops it, if it runs; its data stays. */
  public synchronized void stop() {
    if (running == null) {
      return;
    }
    running.shutdown();
    running.awaitShutdown();
    running = null;
  }

  @Override
  public void close() {
    stop();
  }

  /** Settings of a broker. Confined to one thread. */
  public static final class Builder {
    private final Path directory;
    private final Properties more = new Properties();
    private final List<String> scram = new ArrayList<>();
    private Path keyStore;
    private String keyStorePassword = "";
    private int port;
    private boolean isAuthorizing;

    private Builder(Path directory) {
      this.directory = directory;
    }

    /** The port for everybody; 0, the default, for any. */
    public Builder port(int wanted) {
      port = wanted;
      return this;
    }

    /** Adds a port for TLS with the key of a PKCS12 store. */
    public Builder tls(Path pkcs12, String password) {
      keyStore = pkcs12;
      keyStorePassword = password;
      return this;
    }

    /** Adds a user, and with the first one a port for users. */
    public Builder user(String name, String password) {
      scram.add("SCRAM-SHA-256=[name=" + name + ",password=" + password + "]");
      return this;
    }

    /**
     * Refuses users what no rule allows them; who has no name (that is: who comes by the port for
     * everybody) may do everything.
     */
    public Builder authorizing() {
      isAuthorizing = true;
      return this;
    }

    /** Sets one of the broker's own settings. */
    public Builder set(String name, String value) {
      more.setProperty(name, value);
      return this;
    }

    /** Formats the directory unless it has been, and starts a broker. */
    public KafkaServer start() throws Exception {
      Files.createDirectories(directory);
      Map<String, Integer> ports = Ports.of(directory.resolve("ports.properties"), port);
      int tlsPort = keyStore == null ? 0 : ports.get("tls");
      int saslPort = scram.isEmpty() ? 0 : ports.get("sasl");
      Path data = directory.resolve("data");
      Properties settings = settings(data, ports, tlsPort, saslPort);
      if (!Files.exists(data.resolve("meta.properties"))) {
        format(data);
      }
      KafkaServer server = new KafkaServer(settings, ports.get("plain"), tlsPort, saslPort);
      server.start();
      return server;
    }

    private void format(Path data) throws Exception {
      Files.createDirectories(data);
      try (PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
        Formatter formatter =
            new Formatter()
                .setPrintStream(nowhere)
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString());
        if (!scram.isEmpty()) {
          formatter.setScramArguments(scram);
        }
        formatter.run();
      }
    }

    private Properties settings(Path data, Map<String, Integer> ports, int tlsPort, int saslPort) {
      List<String> clients =
          new ArrayList<>(List.of("PLAINTEXT://" + HOST + ":" + ports.get("plain")));
      Properties settings = new Properties();
      if (tlsPort > 0) {
        clients.add("SSL://" + HOST + ":" + tlsPort);
        settings.setProperty("ssl.keystore.location", keyStore.toString());
        settings.setProperty("ssl.keystore.password", keyStorePassword);
        settings.setProperty("ssl.key.password", keyStorePassword);
        settings.setProperty("ssl.keystore.type", "PKCS12");
      }
      if (saslPort > 0) {
        clients.add("SASL_PLAINTEXT://" + HOST + ":" + saslPort);
        settings.setProperty("sasl.enabled.mechanisms", "SCRAM-SHA-256");
        settings.setProperty(
            "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;");
      }
      String controller = HOST + ":" + ports.get("controller");
      settings.setProperty("process.roles", "broker,controller");
      settings.setProperty("node.id", Integer.toString(NODE));
      settings.setProperty("controller.quorum.voters", NODE + "@" + controller);
      settings.setProperty("controller.listener.names", "CONTROLLER");
      settings.setProperty("listeners", String.join(",", clients) + ",CONTROLLER://" + controller);
      settings.setProperty("advertised.listeners", String.join(",", clients));
      settings.setProperty("inter.broker.listener.name", "PLAINTEXT");
      settings.setProperty(
          "listener.security.protocol.map",
          "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT");
      settings.setProperty("log.dirs", data.toString());
      if (isAuthorizing) {
        settings.setProperty(
            "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        settings.setProperty("super.users", "User:ANONYMOUS");
      }
      // One broker, a short life, a small disk.
      settings.setProperty("num.partitions", "1");
      settings.setProperty("offsets.topic.replication.factor", "1");
      settings.setProperty("offsets.topic.num.partitions", "4");
      settings.setProperty("transaction.state.log.replication.factor", "1");
      settings.setProperty("transaction.state.log.min.isr", "1");
      settings.setProperty("transaction.state.log.num.partitions", "4");
      settings.setProperty("group.initial.rebalance.delay.ms", "0");
      settings.setProperty("num.network.threads", "2");
      settings.setProperty("num.io.threads", "4");
      settings.setProperty("log.cleaner.dedupe.buffer.size", "4194304");
      settings.setProperty("log.cleaner.threads", "1");
      settings.putAll(more);
      return settings;
    }
  }

  /** The ports of a broker, kept in its directory so that it finds them again. Stateless. */
  private static final class Ports {
    private static final List<String> NAMES = List.of("plain", "controller", "tls", "sasl");

    private Ports() {}

    static Map<String, Integer> of(Path file, int wanted) throws IOException {
      Properties kept = new Properties();
      if (Files.exists(file)) {
        try (var in = Files.newBufferedReader(file)) {
          kept.load(in);
        }
      }
      Map<String, Integer> ports = new java.util.HashMap<>();
      for (String name : NAMES) {
        String port = kept.getProperty(name);
        ports.put(name, port == null ? free() : Integer.parseInt(port));
      }
      if (wanted != 0) {
        ports.put("plain", wanted);
      }
      ports.forEach((name, port) -> kept.setProperty(name, port.toString()));
      try (var out = Files.newBufferedWriter(file)) {
        kept.store(out, null);
      }
      return ports;
    }

    private static int free() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
        return socket.getLocalPort();
      }
    }
  }
}
