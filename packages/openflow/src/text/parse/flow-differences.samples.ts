/** For tests: the lines of the corpus that ours and ovs-ofctl 3.1 take for something else, and why. */

/** What isn't the same. */
export type DifferenceKind =
  | "read by ovs-ofctl only"
  | "read by ours only"
  | "other meaning"
  | "other bytes"
  | "other print"
  | "other when read again";

/** For each reason the lines. */
export const flowDifferences: Readonly<Record<DifferenceKind, Readonly<Record<string, readonly string[]>>>> = {
  "read by ovs-ofctl only": {
    "Ours refuses a condition without what it requires, which ovs-ofctl leaves out in silence.": [
      "cookie=0x0, duration=4.200s, table=0, n_packets=1, n_bytes=60, idle_timeout=5, priority=65535,arp,in_port=3,vlan_tci=0x0000,dl_src=50:54:00:00:00:05,dl_dst=50:54:00:00:00:06,arp_spa=192.168.0.1,arp_tpa=192.168.0.2,arp_op=2,nw_tos=0,tp_src=0,tp_dst=0 actions=output:1",
      "nw_src=1.2.3.4,actions=5",
    ],
    "ovs-ofctl sends 0 for the number that stands for all tables.": ["table=255,actions=drop"],
    "Both cookies can't be in one message of OpenFlow 1.3: ovs-ofctl sends the one that is asked for alone.": [
      "modify cookie=1/-1,cookie=4,actions=4",
    ],
    "A priority whatever the tag: ovs-ofctl leaves it out of a message of OpenFlow 1.3.": [
      "vlan_tci=0/0xefff,actions=drop",
      "vlan_tci=0x5000/0xe000,actions=drop",
    ],
    "ovs-ofctl sends an assignment to a field that can only be read, which switches refuse.": [
      "actions=load:1->eth_type[]",
    ],
    "ovs-ofctl sends a zone of other than 16 bits, which switches refuse.": [
      "ip,actions=ct(zone=reg0)",
      "ip,actions=ct(zone=reg0[0..7])",
    ],
    "ovs-ofctl cuts off what is too long for a number, and reads an address up to where it is one.": [
      "actions=set_queue:4294967296",
      "actions=group:4294967296",
      "actions=multipath(eth_src,65536,modulo_n,3,0,reg0[0..7])",
      "actions=encap(nsh(md_type=2,tlv(0x10000,1,0x11)))",
      "actions=encap(nsh(md_type=2,tlv(0x1000,256,0x11)))",
      "actions=decap(packet_type(ns=2,type=0x800))",
      "actions=learn(table=254,idle_timeout=65536)",
      "ip,nw_src=1.2.3.256,actions=drop",
      "ip,nw_ecn=4,actions=drop",
      "dl_vlan=4096,actions=drop",
      "dl_vlan_pcp=8,actions=drop",
      "mpls,mpls_label=1048576,actions=drop",
    ],
  },
  "read by ours only": {
    "A register that Open vSwitch has since 3.7.": [
      "in_port=2 actions=load:0x000db000->NXM_NX_REG0[],load:0x000db000->NXOXM_ET_REG16[],load:0x000db000->NXOXM_ET_REG29[],",
      "in_port=3 actions=load:0xdea->NXM_NX_REG0[20..31],load:0xdea->NXOXM_ET_REG16[20..31],load:0xdea->NXOXM_ET_REG29[20..31]",
      "in_port=5 actions=move:NXM_NX_REG0[]->NXM_NX_REG1[],move:NXOXM_ET_REG16[]->NXOXM_ET_REG17[],move:NXOXM_ET_REG29[]->NXOXM_ET_REG30[]",
      "in_port=7 actions=move:NXM_NX_REG1[20..31]->NXM_NX_REG2[0..11],move:NXOXM_ET_REG17[20..31]->NXOXM_ET_REG18[0..11],move:NXOXM_ET_REG30[20..31]->NXOXM_ET_REG31[0..11]",
      "table=1 actions=load:0x0123456789abcdeffedcba9876543210->NXOXM_ET_XXREG7[],resubmit(,2)",
      "table=1,xreg0=0x0000505400000005 actions=move:OXM_OF_ETH_DST[0..47]->OXM_OF_PKT_REG15[0..47],goto_table(2)",
      "reg31[0..31]=1,actions=output:NXM_NX_REG15,output:NXOXM_ET_REG16,output:NXOXM_ET_REG31",
      "xreg15[0..31]=2,xreg15[32..63]=3,actions=output:OXM_OF_PKT_REG7,output:OXM_OF_PKT_REG8,output:OXM_OF_PKT_REG15",
    ],
    "Bits of a field in a sample, which Open vSwitch has since 3.4.": [
      "actions=sample(probability=12345,collector_set_id=23456,obs_domain_id=NXM_OF_IN_PORT[],obs_point_id=NXM_NX_CT_LABEL[32..63],sampling_port=0)",
      "actions=sample(probability=12345,collector_set_id=23456,obs_domain_id=NXM_OF_IN_PORT[],obs_point_id=NXM_NX_CT_LABEL[32..63],sampling_port=56789,egress)",
    ],
  },
  "other meaning": {
    "A text doesn't say how many bytes an option of a tunnel has: each takes another number where there are zeros in front.":
      [
        "in_port=3, actions=load:0x11223344->tun_metadata1",
        "priority=0,tun_metadata0=0,actions=drop",
        "priority=1,tun_metadata1=0xef/0xff,tun_metadata0=0xabcd,actions=drop",
        "tun_metadata0=0x12,tun_metadata1,actions=drop",
        "tun_metadata0=0x1234567890/0xffff,actions=set_field:0x1->tun_metadata3",
        "tun_metadata0=0,actions=drop",
        "tun_metadata0=0/0xff,actions=drop",
        "tun_metadata5=0x00012/0xf,actions=set_field:0->tun_metadata1,load:1->tun_metadata2[0..3]",
      ],
    "An address of zero is none to ovs-ofctl.": [
      "table=0,priority=20,ct_state=-rpl,ip,nw_dst=10.1.1.0/24,actions=ct(commit,nat(src=0.0.0.0),table=10)",
    ],
    "Where nothing else is asked, ovs-ofctl says that packets start with an Ethernet header, which switches take for granted.":
      ["dl_dst=*,actions=drop", "packet_type=(0,0),actions=drop"],
    "ovs-ofctl cuts the operation off to eight bits.": ["arp,arp_op=256,actions=drop"],
  },
  "other bytes": {
    "ovs-ofctl writes loads for an assignment with a mask.": [
      "actions=set_field:00:00:00:00:12:34/00:00:00:00:ff:ff->eth_src",
      "table=1 actions=set_field:0x6b/0xff->metadata,goto_table(2)",
      "table=0 in_port=1,vlan_tci=0x1101/0x1fff actions=push_vlan:0x8100,set_field:0x1201/0x1fff->vlan_tci,output:2",
      "table=0,priority=100,in_port=2,ct_state=-trk,tcp,action=ct(table=1,commit,exec(set_field:0x2/0x6->ct_mark))",
      "table=0,priority=100,in_port=2,ct_state=-trk,tcp,action=ct(table=1,commit,exec(set_field:0x200000000/0x200000004->ct_label))",
      "actions=set_field:0x1/0x1->reg0,set_field:0xff00/0xff00->xxreg0",
      "actions=set_field:0x2/0x1->reg0",
      "ip,actions=ct(commit,exec(set_field:1->ct_mark,set_field:0x5/0xf->ct_label,move:reg0[]->ct_mark[]))",
      "reg0[0..3]=5,reg0[4..7]=6,reg1[]=8,NXM_NX_REG2[3]=1,actions=load:0xffff->reg0[0..15],move:eth_src[0..31]->reg1,set_field:5/0xff->reg2",
      "actions=set_field:00:11:22:33:44:55->eth_src,set_field:00:11:22:33:44:55/ff:ff:ff:00:00:00->eth_dst,set_field:5->in_port",
      "ip,actions=set_field:8->nw_tos,set_field:4->ip_dscp,set_field:1.2.3.4->ip_src,set_field:1.2.3.4/24->nw_dst,load:5->nw_tos[2..7],load:1->NXM_OF_IP_TOS[]",
    ],
    "ovs-ofctl writes the resubmit with a table for one without.": [
      "actions=resubmit:5",
      "in_port=90 actions=load:20->NXM_NX_REG0[0..7],load:21->NXM_NX_REG1[0..7],load:22->NXM_NX_REG2[0..7], load:33->NXM_NX_REG3[0..7], push:NXM_NX_REG0[], push:NXM_NX_REG1[0..7],push:NXM_NX_REG2[0..15], push:NXM_NX_REG3[], resubmit:2, resubmit:3, resubmit:4, resubmit:5",
      "table=0 in_port=1 ip,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],resubmit(90)",
      "in_port=0 actions=resubmit:0",
      "actions=resubmit:1,resubmit(2),resubmit(,3),resubmit(2,3)",
      "actions=resubmit:1,resubmit(2),resubmit(in_port,3)",
    ],
    "ovs-ofctl says how much of a packet to send to a port, which counts for the controller only.": [
      "actions=enqueue:10:55",
      "actions=enqueue(123,456)",
      "in_port=4 actions=enqueue:LOCAL:1,enqueue:1:1,enqueue:2:1,enqueue:3:2,enqueue:4:1,enqueue:5:1,enqueue:6:1,enqueue:7:1",
      "actions=set_queue:5,enqueue:1:2,enqueue(3,4),pop_queue,group:5",
    ],
    "ovs-ofctl writes a mask of all bits.": [
      "in_port=3,tun_erspan_ver=1,tun_erspan_idx=0x7,actions=1",
      "in_port=4,tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=0xf/0x1,actions=2",
      "in_port=4,tun_erspan_ver=2,tun_erspan_dir=0/0,tun_erspan_hwid=0x0/0x0,actions=2",
      "in_port=3,tun_gtpu_flags=0x30,tun_gtpu_msgtype=255,actions=1",
      "tun_flags=+oam,actions=drop",
      "tun_flags=-oam,actions=drop",
      "tun_gtpu_flags=0x30,tun_gtpu_msgtype=255,actions=drop",
      "tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=0x3f,actions=drop",
      "ct_state=trk,actions=drop",
      "ct_state=new|trk,actions=drop",
      "tun_id=5/0xff,tun_src=1.2.3.4,tun_flags=+oam,actions=set_tunnel:5,set_tunnel64:0x123456789ab",
      "tun_ipv6_dst=2001::/16,tun_erspan_ver=1,tun_erspan_idx=5,actions=set_field:5->tun_erspan_idx,load:3->tun_erspan_idx[0..3]",
    ],
    "ovs-ofctl leaves out ports of a connection without its protocol.": [
      "table=1,priority=10,udp,ct_state=+trk+rpl,ct_tp_src=3/0x1,actions=controller",
      "priority=10,in_port=2,ipv6,ct_tp_src=128,ct_state=+trk+est+rpl,action=1",
    ],
    "ovs-ofctl writes the older controller action where the newer one says no more.": ["actions=controller(userdata=)"],
  },
  "other print": {
    "ovs-ofctl prints no mask of these fields.": [
      "in_port=4,tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=0xf/0x1,actions=2",
    ],
    "ovs-ofctl prints an IPv4 address inside of an IPv6 address with dots.": [
      "ipv6,ipv6_src=::ffff:1.2.3.4,actions=drop",
    ],
    "ovs-ofctl prints an option of no bytes, and masks of options, in another way.": [
      "tun_metadata0=0x12,tun_metadata1,actions=drop",
      "tun_metadata0=0x1234567890/0xffff,actions=set_field:0x1->tun_metadata3",
      "tun_metadata5=0x00012/0xf,actions=set_field:0->tun_metadata1,load:1->tun_metadata2[0..3]",
    ],
  },
  "other when read again": {
    "That packets start with an Ethernet header was sent, and isn't printed.": [
      "dl_dst=*,actions=drop",
      "packet_type=(0,0),actions=drop",
    ],
    "The older controller action is printed as the output that it is the same as.": ["actions=controller(userdata=)"],
    "ovs-ofctl doesn't mind a table that isn't behind table 0 where the text doesn't say that it is table 0.": [
      "actions=goto_table:0",
    ],
    "The bytes of an option of a tunnel aren't all in its text.": [
      "priority=0,tun_metadata0=0,actions=drop",
      "tun_metadata0=0x12,tun_metadata1,actions=drop",
      "tun_metadata0=0x1234567890/0xffff,actions=set_field:0x1->tun_metadata3",
      "tun_metadata0=0,actions=drop",
      "tun_metadata5=0x00012/0xf,actions=set_field:0->tun_metadata1,load:1->tun_metadata2[0..3]",
    ],
  },
};
