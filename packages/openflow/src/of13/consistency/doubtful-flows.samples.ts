/** For tests: flows whose actions may not fit their match or each other; ovs-ofctl says which of them do. */

/** Each of the actions is tried with each of the matches. */
const tries: readonly { readonly matches: readonly string[]; readonly actions: string }[] = [
  {
    matches: ["", "ip,", "tcp,", "udp6,", "sctp,", "arp,", "ip,nw_frag=later,nw_proto=6,"],
    actions: `mod_nw_src:1.2.3.4 mod_nw_tos:4 mod_nw_ecn:1 mod_nw_ttl:4 dec_ttl dec_ttl(1,2) set_field:1.2.3.4->nw_dst
      set_field:::1->ipv6_src set_field:5->tcp_src load:5->NXM_OF_UDP_DST[] move:NXM_OF_IP_SRC[]->reg0
      move:reg0->NXM_OF_ARP_SPA[] push:NXM_NX_IP_TTL[] pop:NXM_OF_IP_TOS[] fin_timeout(idle_timeout=5) ct(commit)
      ct(commit,nat(src=1.2.3.4)) ct(commit,nat(src=::1)) ct(commit,alg=ftp) ct(alg=tftp,commit) ct_clear output:nw_src
      ct(zone=NXM_OF_IP_SRC[0..15]) write_actions(dec_ttl) write_actions(set_field:5->tcp_dst) clone(dec_ttl)
      set_field:1->arp_op`,
  },
  {
    matches: ["", "dl_vlan=5,", "vlan_tci=0x1000/0x1000,", "vlan_tci=0,", "packet_type=(1,0x800),"],
    actions: `strip_vlan set_vlan_vid:5 set_vlan_pcp:1 mod_vlan_vid:5 mod_vlan_pcp:5 pop_vlan,pop_vlan
      push_vlan:0x8100,set_field:4100->vlan_vid push_vlan:0x8100,push_vlan:0x88a8 set_field:4100->vlan_vid
      push_vlan:0x8100,push_vlan:0x8100,push_vlan:0x8100 set_field:3->vlan_pcp load:3->NXM_OF_VLAN_TCI[13..15]
      load:0x1005->NXM_OF_VLAN_TCI[],pop_vlan load:5->NXM_OF_VLAN_TCI[],pop_vlan mod_dl_src:00:11:22:33:44:55
      set_field:5->vlan_tci,set_field:3->vlan_pcp write_actions(pop_vlan) write_actions(set_field:4100->vlan_vid)
      move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[] push_vlan:0x8100,mod_nw_src:1.2.3.4 mod_vlan_vid:5,pop_vlan,pop_vlan
      pop_vlan,push_vlan:0x8100,mod_vlan_vid:5 clone(push_vlan:0x8100),pop_vlan
      encap(ethernet),mod_dl_src:00:11:22:33:44:55`,
  },
  {
    matches: ["", "mpls,", "mplsm,", "ip,", "tcp,"],
    actions: `pop_mpls:0x0800 push_mpls:0x8847 dec_mpls_ttl set_mpls_ttl(5) set_mpls_label(5) set_mpls_tc(1)
      push_mpls:0x8847,set_field:5->mpls_label push_mpls:0x8847,dec_ttl pop_mpls:0x0800,dec_ttl set_field:1->mpls_tc
      pop_mpls:0x0800,set_field:5->tcp_dst pop_mpls:0x8847,pop_mpls:0x86dd,set_field:::1->ipv6_src
      push_mpls:0x8847,pop_mpls:0x0800,set_field:5->tcp_dst push_mpls:0x8847,set_field:5->tcp_dst
      move:OXM_OF_MPLS_LABEL[]->reg0[0..19] push_mpls:0x8847,write_actions(set_field:5->mpls_label)`,
  },
  {
    matches: ["", "packet_type=(1,0x894f),", "dl_type=0x894f,", "ip,", "packet_type=(1,0x800),"],
    actions: `decap decap,dec_ttl decap(packet_type(ns=0,type=0)),mod_dl_src:00:11:22:33:44:55 dec_nsh_ttl
      encap(nsh),dec_nsh_ttl encap(nsh),set_field:5->nsh_spi set_field:5->nsh_spi encap(nsh),dec_ttl push_mpls:0x8847
      encap(nsh),encap(ethernet),set_field:00:11:22:33:44:55->eth_dst encap(nsh),mod_dl_src:00:11:22:33:44:55
      encap(mpls),set_field:5->mpls_label decap,decap,dec_ttl encap(ethernet),dec_ttl encap(nsh),decap,dec_nsh_ttl`,
  },
  {
    matches: [
      "",
      "icmp6,",
      "icmp6,icmp_type=135,",
      "icmp6,icmp_type=136,",
      "icmp6,icmp_type=136,icmp_code=1,",
      "icmp,",
    ],
    actions: `set_field:::1->nd_target set_field:00:00:00:00:00:01->nd_sll set_field:00:00:00:00:00:01->nd_tll
      set_field:5->icmp_type set_field:5->icmpv6_code set_field:5->nd_reserved load:5->NXM_NX_ND_TARGET[0..15]`,
  },
  {
    matches: ["", "+trk,", "+trk+new,", "+trk+snat,", "+trk-inv,", "+inv+trk,ip,", "-new+trk,ip,"].map((state) =>
      state === "" ? "" : `ct_state=${state}`,
    ),
    actions: `move:NXM_NX_CT_NW_PROTO[]->reg0[0..7] ct(commit) ct(table=5) resubmit(,5,ct)
      ct(commit,exec(set_field:1->ct_mark))`,
  },
  {
    matches: ["", "ip,", "tcp,"],
    actions: [
      ...["nw_src=1.2.3.4", "eth_type=0x800,nw_src=1.2.3.4", "NXM_OF_ETH_TYPE[],NXM_OF_IP_SRC[]"],
      ...["eth_type=0x800,NXM_OF_IP_SRC[]", "eth_type=0x800,nw_proto=6,tcp_src=tcp_dst", "load:5->NXM_OF_IP_TOS[]"],
      ...["eth_type=0x800,nw_proto=17,tcp_src=5", "eth_type=0x800,load:5->nw_ttl", "load:NXM_OF_IP_SRC[]->reg0"],
      ...["output:reg0", "vlan_tci=0x1005,load:3->vlan_pcp", "nw_proto=6,eth_type=0x800"],
      ...["eth_type=0x800,nw_dst=nw_src,load:5->nw_ttl", "output:nw_src"],
    ]
      .map((specs) => `learn(table=5,${specs})`)
      .join(" "),
  },
  {
    matches: [""],
    actions: `bundle(eth_src,0,hrw,ofport,members:1,2) bundle(eth_src,0,hrw,ofport,members:CONTROLLER) output:ANY
      bundle_load(eth_src,0,hrw,ofport,NXM_OF_IP_TOS[],members:1) multipath(eth_src,0,hrw,2,0,NXM_OF_IP_TOS[])
      in_port table LOCAL group:7 conjunction(1,1/2) conjunction(1,1/2),1 1,conjunction(1,1/2) exit,dec_ttl
      conjunction(1,1/2),note:00 conjunction(1,1/2),goto_table:5 meter:0,1 meter:5,1 write_metadata:5
      check_pkt_larger(5)->reg0[0] goto_table:0 goto_table:1 clone(conjunction(1,1/2),1)`,
  },
];

export const doubtfulFlows: readonly string[] = [
  ...tries.flatMap(({ matches, actions }) =>
    matches.flatMap((match) => actions.split(/\s+/).map((action) => `table=0,${match}actions=${action}`)),
  ),
  ...["table=1,actions=goto_table:1", "table=1,actions=goto_table:0", "table=1,actions=goto_table:2"],
  ...["in_port=1,actions=output:1", "dl_vlan=5,actions=pop_vlan,mod_vlan_vid:6"],
  ...["ip,actions=push_vlan:0x8100,dec_ttl,mod_vlan_vid:5", "ip,dl_vlan=5,actions=pop_vlan,dec_ttl"],
];
