package native

func haproxy() *syntax { return &syntax{id: "haproxy", fits: func(*target) bool { return false }} }
func applicationhost() *syntax {
	return &syntax{id: "applicationhost", fits: func(*target) bool { return false }}
}
func node() *syntax     { return &syntax{id: "node", fits: func(*target) bool { return false }} }
func goServer() *syntax { return &syntax{id: "goServer", fits: func(*target) bool { return false }} }
func goClient() *syntax { return &syntax{id: "goClient", fits: func(*target) bool { return false }} }
func curl() *syntax     { return &syntax{id: "curl", fits: func(*target) bool { return false }} }
func sysctl() *syntax   { return &syntax{id: "sysctl", fits: func(*target) bool { return false }} }
func reg() *syntax      { return &syntax{id: "reg", fits: func(*target) bool { return false }} }
func reg4() *syntax     { return &syntax{id: "reg4", fits: func(*target) bool { return false }} }
