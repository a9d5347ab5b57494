/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.hdfs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSCluster.DataNodeProperties;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * A real HDFS in this process: one name node and some data nodes, on the loopback interface. For
 * the demo, the tests and the bench; nothing for data that matters: edits are not synced to the
 * disk. Guarded by {@code this}.
 */
public final class HdfsServer implements AutoCloseable {
  /** How the server is set up. */
  public record Settings(
      Path directory, int dataNodes, int port, boolean isKept, int ticketSeconds) {
    /** Three data nodes, a free port, in a directory that goes when the server is closed. */
    public static Settings temporary() throws IOException {
      return new Settings(Files.createTempDirectory("millrace-hdfs"), 3, 0, false, 0);
    }
  }

  private final Settings settings;
  private final MiniDFSCluster cluster;
  private final int port;

  /** Data nodes that are down, by their number at the start. */
  private final Map<Integer, DataNodeProperties> stopped = new HashMap<>();

  /** Transfer addresses of the data nodes, by which they are found whatever is down. */
  private final String[] dataNodeNames;

  private boolean isClosed;

  private HdfsServer(Settings settings, MiniDFSCluster cluster) {
    this.settings = settings;
    this.cluster = cluster;
    this.port = cluster.getNameNodePort();
    this.dataNodeNames =
        cluster.getDataNodes().stream()
            .map(node -> node.getDatanodeId().getXferAddr())
            .toArray(String[]::new);
  }

  /** Starts a server with further settings of Hadoop's; it is up when this returns. */
  public static HdfsServer start(Settings settings, Map<String, String> hadoop) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, settings.directory().toString());
    // Who runs the server may act for others: what proxy users need.
    String user = UserGroupInformation.getCurrentUser().getShortUserName();
    configuration.set("hadoop.proxyuser." + user + ".hosts", "*");
    configuration.set("hadoop.proxyuser." + user + ".groups", "*");
    configuration.set("dfs.namenode.fs-limits.min-block-size", "1024");
    // A lease is given up soon when somebody else wants it; a data node is missed soon.
    configuration.set("dfs.namenode.heartbeat.recheck-interval", "2000");
    configuration.set("dfs.heartbeat.interval", "1s");
    configuration.set("dfs.namenode.safemode.extension", "0");
    hadoop.forEach(configuration::set);
    boolean isNew = !Files.isDirectory(settings.directory().resolve("name-0-1"));
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration)
            .numDataNodes(settings.dataNodes())
            .nameNodePort(settings.port())
            .format(isNew)
            .build();
    cluster.waitActive();
    return new HdfsServer(settings, cluster);
  }

  public static HdfsServer start() throws IOException {
    return start(Settings.temporary(), Map.of());
  }

  /** What a client puts in front of its paths. */
  public URI uri() {
    return URI.create("hdfs://127.0.0.1:" + port);
  }

  /** What a client in this process needs. */
  public Configuration clientConfiguration() {
    Configuration configuration = new Configuration(cluster.getConfiguration(0));
    configuration.set(FileSystem.FS_DEFAULT_NAME_KEY, uri().toString());
    return configuration;
  }

  /** A client with the rights of the server's user; the caller closes it. */
  public FileSystem newFileSystem() throws IOException {
    if (UserGroupInformation.isSecurityEnabled()) {
      UserGroupInformation.getLoginUser().checkTGTAndReloginFromKeytab();
    }
    return FileSystem.newInstance(uri(), clientConfiguration());
  }

  /** Takes a data node away. */
  public synchronized void stopDataNode(int node) {
    if (!stopped.containsKey(node)) {
      stopped.put(node, cluster.stopDataNode(dataNodeNames[node]));
    }
  }

  /** Brings a data node back on its port. */
  public synchronized void startDataNode(int node) throws IOException {
    DataNodeProperties properties = stopped.remove(node);
    if (properties != null) {
      cluster.restartDataNode(properties, true);
      cluster.waitActive();
    }
  }

  public synchronized void stopNameNode() {
    cluster.shutdownNameNode(0);
  }

  /** Brings the name node back on its port; it has left safe mode when this returns. */
  public synchronized void startNameNode() throws IOException {
    cluster.restartNameNode(0, true);
  }

  public synchronized void safeMode(boolean isOn) throws IOException {
    try (FileSystem files = newFileSystem()) {
      ((DistributedFileSystem) files)
          .setSafeMode(isOn ? SafeModeAction.ENTER : SafeModeAction.LEAVE);
    }
  }

  /** Lets a directory hold no more than {@code bytes}, copies included; -1 for any number. */
  public synchronized void spaceQuota(String directory, long bytes) throws IOException {
    try (FileSystem files = newFileSystem()) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(directory);
      files.mkdirs(path);
      ((DistributedFileSystem) files).setQuota(path, Long.MAX_VALUE, bytes);
    }
  }

  /** Makes a directory in which everybody may write. */
  public synchronized void openToAll(String directory) throws IOException {
    try (FileSystem files = newFileSystem()) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(directory);
      files.mkdirs(path);
      files.setPermission(path, new org.apache.hadoop.fs.permission.FsPermission((short) 0777));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    cluster.shutdown();
    if (!settings.isKept()) {
      delete(settings.directory());
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private static Map<String, String> kerberos(Settings settings) throws Exception {
    if (settings.ticketSeconds() == 0) {
      return Map.of();
    }
    KerberosServer kdc =
        KerberosServer.start(settings.directory().resolve("kdc"), settings.ticketSeconds());
    kdc.keytab("agent.keytab", "agent");
    Map<String, String> hadoop = kdc.hadoopSettings();
    Configuration configuration = new Configuration();
    hadoop.forEach(configuration::set);
    UserGroupInformation.setConfiguration(configuration);
    UserGroupInformation.loginUserFromKeytab(
        hadoop.get("dfs.namenode.kerberos.principal"), hadoop.get("dfs.namenode.keytab.file"));
    return hadoop;
  }

  /**
   * Runs a server until its input ends, {@code stop} is read, or SIGTERM comes. Prints {@code READY
   * hdfs://127.0.0.1:PORT} once it is up, then one line for each command: see {@link
   * ServerConsole}.
   *
   * <p>With {@code --kerberos SECONDS} there is a key distribution centre whose tickets are good
   * for that time; below the directory {@code kdc/krb5.conf} says where it is, and {@code
   * kdc/agent.keytab} has the keys of the user {@code agent}.
   *
   * @param arguments {@code --directory DIR} (kept), {@code --data-nodes N}, {@code --port P},
   *     {@code --kerberos SECONDS}
   */
  public static void main(String[] arguments) throws Exception {
    Settings settings = ServerConsole.settings(arguments);
    HdfsServer server = start(settings, kerberos(settings));
    Thread closing =
        new Thread(
            () -> {
              try {
                server.close();
              } catch (IOException e) {
                System.err.println("HDFS server: could not be closed well: " + e);
              }
            },
            "hdfs-server-close");
    Runtime.getRuntime().addShutdownHook(closing);
    System.out.println("READY " + server.uri());
    System.out.flush();
    new ServerConsole(server, System.out).run(System.in);
    // Not only at the shutdown, when Hadoop refuses some steps.
    server.close();
    // Hadoop leaves threads behind that are no daemons.
    System.exit(0);
  }
}
