#!/bin/busybox sh
# Process 1 of a guest: loads the modules, gives its interfaces the addresses that the kernel's command line names or DHCP, and serves the guest agent.
export PATH=/bin:/sbin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/pts /dev/shm /dev/virtio-ports
mount -t devpts devpts /dev/pts

command_line=$(cat /proc/cmdline)
while read -r module; do insmod "/modules/$module.ko"; done </modules/order

# The lab's trial whether virtual machines run here at all.
case " $command_line " in
*" loomstack.trial "*)
  echo "loomstack: this machine runs guests" >/dev/ttyS0
  poweroff -f
  ;;
esac

# ip=<address>:<server>:<gateway>:<netmask>:<hostname>:<device>:<autoconf>, as in the kernel's Documentation/admin-guide/nfs/nfsroot.rst
configure() {
  IFS=: read -r address _server gateway netmask name device autoconf _rest <<END
$1
END
  device=${device:-eth0}
  waited=0
  until [ -e "/sys/class/net/$device" ] || [ "$waited" -ge 100 ]; do
    usleep 100000
    waited=$((waited + 1))
  done
  [ -z "$name" ] || hostname "$name"
  ip link set "$device" up
  if [ "$autoconf" = dhcp ]; then
    # Asks each second; the guest's agent answers when it has its address, or after a minute without: it goes on asking.
    LEASE_FILE="/run/lease-$device" RESOLV_CONF=/etc/resolv.conf udhcpc -i "$device" -s /udhcpc-script.sh -b -t 60 -T 1 -A 1 -O mtu -O staticroutes
    return
  fi
  [ -z "$address" ] || ip address add "$address/${netmask:-255.255.255.0}" broadcast + dev "$device"
  [ -z "$gateway" ] || ip route add default via "$gateway"
}

ip link set lo up
hostname guest
for word in $command_line; do
  case $word in
  ip=*:*) configure "${word#ip=}" ;;
  esac
done
echo "loomstack: $(hostname) is up"

# There is no udev that would name the virtio ports.
channel=/dev/virtio-ports/org.qemu.guest_agent.0
for port in /sys/class/virtio-ports/*; do
  [ -e "$port/name" ] || continue
  ln -sf "../$(basename "$port")" "/dev/virtio-ports/$(cat "$port/name")"
done
while :; do
  if [ -e "$channel" ]; then
    qemu-ga --method virtio-serial --path "$channel" --statedir /run --pidfile /run/qemu-ga.pid --logfile /dev/null
  fi
  sleep 1
done
