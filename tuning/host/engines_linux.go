package host

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/store"
)

// engineFile is the most that is read of a file of a container engine, in bytes.
const engineFile = 16 << 20

// driversLimit is how many storage drivers are looked at in one place.
const driversLimit = 16

// engines finds what container engines keep on the disk of their containers. No daemon is
// asked. What this user may not read tells nothing.
type engines struct {
	root  string                          // before every path; empty for this host
	homes map[string]string               // of users, by number; nil before they were read
	kept  map[string]map[string]Container // of containers/storage, by its file and the id
	tasks map[string]string               // of containerd, by NAMESPACE/ID, with the folder; nil before they were listed
	logs  map[string]Container            // of the kubelet, by id; nil before they were listed
}

// find is the container of a cgroup, with what is known of it.
func (e *engines) find(cgroup string) (Container, bool) {
	c, ok := containerOf(cgroup)
	if !ok {
		return e.task(cgroup) // an id of containerd may be any word
	}
	id := c.ID
	if len(id) == 64 {
		for _, look := range []func(cgroup, id string) (Container, bool){e.docker, e.podman, e.containerd, e.kubelet} {
			if found, ok := look(cgroup, id); ok {
				c.Name, c.Pod, c.Engine = found.Name, found.Pod, cmp.Or(found.Engine, c.Engine)
				break
			}
		}
		id = id[:shortID]
	}
	return Container{ID: model.Clean(id, 60), Name: model.Clean(c.Name, 100), Engine: c.Engine, Pod: model.Clean(c.Pod, 200)}, true
}

func (e *engines) read(name string) ([]byte, bool) {
	data, err := store.ReadLimited(e.root+name, engineFile)
	return data, err == nil
}

func (e *engines) parse(name string, into any) bool {
	data, ok := e.read(name)
	return ok && json.Unmarshal(data, into) == nil
}

// userGroup is the part of a cgroup that says whose session a process is of.
var userGroup = regexp.MustCompile(`/user-(\d+)\.slice/`)

// home is the home of the user whose containers a cgroup is of; empty for root's.
func (e *engines) home(cgroup string) string {
	m := userGroup.FindStringSubmatch(cgroup)
	if m == nil {
		return ""
	}
	if e.homes == nil {
		e.homes = map[string]string{}
		data, _ := e.read("/etc/passwd")
		for line := range strings.Lines(string(data)) {
			if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 7 && strings.HasPrefix(f[5], "/") {
				e.homes[f[2]] = f[5]
			}
		}
	}
	return e.homes[m[1]]
}

// docker reads config.v2.json, which dockerd writes of each container.
func (e *engines) docker(cgroup, id string) (Container, bool) {
	roots := []string{"/var/lib/docker", "/var/snap/docker/common/var-lib-docker"}
	var daemon struct {
		Root string `json:"data-root"`
	}
	if e.parse("/etc/docker/daemon.json", &daemon) && strings.HasPrefix(daemon.Root, "/") {
		roots = append([]string{daemon.Root}, roots...)
	}
	if home := e.home(cgroup); home != "" {
		roots = append([]string{home + "/.local/share/docker"}, roots...)
	}
	for _, root := range roots {
		var x struct {
			ID   string
			Name string
		}
		if !e.parse(root+"/containers/"+id+"/config.v2.json", &x) || x.ID != id {
			continue
		}
		c := Container{Name: strings.TrimPrefix(x.Name, "/"), Engine: "docker"}
		if name, pod, ok := kubernetesName(c.Name); ok {
			c.Name, c.Pod = name, pod
		}
		return c, true
	}
	return Container{}, false
}

// graphRoot is where storage.conf(5) has the containers of Podman and CRI-O.
var graphRoot = regexp.MustCompile(`(?m)^\s*graphroot\s*=\s*"(/[^"]+)"`)

// podman reads containers.json, in which Podman and CRI-O keep their containers.
func (e *engines) podman(cgroup, id string) (Container, bool) {
	roots := []string{"/var/lib/containers/storage"}
	if data, ok := e.read("/etc/containers/storage.conf"); ok {
		if m := graphRoot.FindSubmatch(data); m != nil {
			roots = append([]string{string(m[1])}, roots...)
		}
	}
	if home := e.home(cgroup); home != "" {
		roots = append([]string{home + "/.local/share/containers/storage"}, roots...)
	}
	for _, root := range roots {
		// One folder for each storage driver: overlay-containers, vfs-containers.
		files, err := filepath.Glob(e.root + root + "/*-containers/containers.json")
		if err != nil {
			continue // a root with signs of a pattern
		}
		for _, file := range files[:min(len(files), driversLimit)] {
			c, ok := e.stored(strings.TrimPrefix(file, e.root))[id]
			if ok && strings.Contains(cgroup, "crio-") {
				c.Engine = "cri-o"
			}
			if ok {
				return c, true
			}
		}
	}
	return Container{}, false
}

// stored are the containers of a containers.json, by id.
func (e *engines) stored(file string) map[string]Container {
	if all, ok := e.kept[file]; ok {
		return all
	}
	var list []struct {
		ID    string   `json:"id"`
		Names []string `json:"names"`
	}
	all := map[string]Container{}
	if e.parse(file, &list) {
		for _, x := range list {
			c := Container{Engine: "podman"}
			if len(x.Names) > 0 {
				c.Name = x.Names[0]
			}
			if name, pod, ok := kubernetesName(c.Name); ok {
				c.Name, c.Pod = name, pod
			}
			all[x.ID] = c
		}
	}
	if e.kept == nil {
		e.kept = map[string]map[string]Container{}
	}
	e.kept[file] = all
	return all
}

// taskFolders are where containerd, that of k3s and that of MicroK8s keep what runs:
// NAMESPACE/ID/config.json.
var taskFolders = []string{
	"/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task",
	"/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task",
}

// listTasks finds what runs under containerd.
func (e *engines) listTasks() {
	if e.tasks != nil {
		return
	}
	e.tasks = map[string]string{}
	for _, folder := range taskFolders {
		found, _ := filepath.Glob(e.root + folder + "/*/*") // the pattern is right where the root is
		for _, dir := range found {
			e.tasks[filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir)] = strings.TrimPrefix(dir, e.root)
		}
	}
}

// containerd finds a task by its id.
func (e *engines) containerd(_, id string) (Container, bool) {
	e.listTasks()
	for key, dir := range e.tasks {
		if namespace, task, _ := strings.Cut(key, "/"); task == id && namespace != "moby" { // Docker's own
			return e.annotated(dir)
		}
	}
	return Container{}, false
}

// task finds the task of a cgroup that is NAMESPACE/ID, as containerd makes them.
func (e *engines) task(cgroup string) (Container, bool) {
	e.listTasks()
	dir, ok := e.tasks[filepath.Base(filepath.Dir(cgroup))+"/"+filepath.Base(cgroup)]
	if !ok {
		return Container{}, false
	}
	id := model.Clean(filepath.Base(dir), 60)
	c, _ := e.annotated(dir)
	c.ID, c.Engine = id, "containerd"
	c.Name, c.Pod = cmp.Or(model.Clean(c.Name, 100), id), model.Clean(c.Pod, 200)
	return c, true
}

// annotated reads what the CRI, or nerdctl, has written into a task's config.json.
func (e *engines) annotated(dir string) (Container, bool) {
	var x struct {
		Annotations map[string]string `json:"annotations"`
	}
	if !e.parse(dir+"/config.json", &x) {
		return Container{}, false
	}
	const cri = "io.kubernetes.cri."
	c := Container{Name: cmp.Or(x.Annotations["nerdctl/name"], x.Annotations[cri+"container-name"]), Engine: "containerd"}
	if pod := x.Annotations[cri+"sandbox-name"]; pod != "" {
		c.Pod = x.Annotations[cri+"sandbox-namespace"] + "/" + pod
	}
	return c, true
}

// kubelet finds a container by the name of its log.
func (e *engines) kubelet(_, id string) (Container, bool) {
	if e.logs == nil {
		e.logs = map[string]Container{}
		files, _ := filepath.Glob(e.root + "/var/log/containers/*.log") // the pattern is right where the root is
		for _, file := range files {
			if name, pod, id, ok := logName(file); ok {
				e.logs[id] = Container{Name: name, Pod: pod}
			}
		}
	}
	c, ok := e.logs[id]
	return c, ok
}
