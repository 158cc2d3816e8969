// Command fleet takes what keeptune exports for fleets as the engines themselves do, and lays
// the files that a container finds then below a folder.
//
//	fleet compose FOLDER COMPOSE…
//	fleet pod FOLDER DEPLOYMENT PATCH [CONFIGMAP]
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

func main() {
	log.SetFlags(0)
	args := os.Args[1:]
	switch {
	case len(args) > 2 && args[0] == "compose":
		compose(args[1], args[2:])
	case len(args) > 3 && args[0] == "pod":
		pod(args[1], args[2], args[3], args[4:])
	default:
		log.Fatal("fleet compose|pod")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// lay writes a file below a folder.
func lay(folder, at, text string, mode os.FileMode) {
	path := filepath.Join(folder, at)
	must(0, os.MkdirAll(filepath.Dir(path), 0o755))
	must(0, os.WriteFile(path, []byte(text), 0o600))
	must(0, os.Chmod(path, mode))
	fmt.Printf("file %s %o\n", at, mode)
}

func compose(folder string, files []string) {
	options := must(cli.NewProjectOptions(files, cli.WithName("fleet")))
	project := must(options.LoadProject(context.Background()))
	for _, s := range project.Services {
		var set []string
		for key, value := range s.Sysctls {
			set = append(set, key+"="+value)
		}
		slices.Sort(set)
		fmt.Println("sysctl", strings.Join(set, " "))
		fmt.Println("command", strings.Join(s.Command, " "))
		for _, c := range s.Configs {
			mode := os.FileMode(0o444)
			if c.Mode != nil {
				mode = os.FileMode(*c.Mode)
			}
			lay(folder, c.Target, project.Configs[c.Source].Content, mode)
		}
	}
}

func pod(folder, deployment, patch string, configMaps []string) {
	read := func(name string) []byte { return must(yaml.YAMLToJSONStrict(must(os.ReadFile(name)))) }
	// A patch of a field that the type does not have is kept by the merge: the strict decoding
	// of the result refuses it.
	merged := must(strategicpatch.StrategicMergePatch(read(deployment), read(patch), appsv1.Deployment{}))
	var d appsv1.Deployment
	must(0, yaml.UnmarshalStrict(merged, &d))
	maps := map[string]corev1.ConfigMap{}
	for _, name := range configMaps {
		var m corev1.ConfigMap
		must(0, yaml.UnmarshalStrict(read(name), &m))
		for key := range m.Data {
			if wrong := validation.IsConfigMapKey(key); len(wrong) > 0 {
				log.Fatal(key, wrong)
			}
		}
		if wrong := validation.IsDNS1123Subdomain(m.Name); len(wrong) > 0 {
			log.Fatal(m.Name, wrong)
		}
		maps[m.Name] = m
	}
	var set []string
	if c := d.Spec.Template.Spec.SecurityContext; c != nil {
		for _, s := range c.Sysctls {
			set = append(set, s.Name+"="+s.Value)
		}
	}
	slices.Sort(set)
	fmt.Println("sysctl", strings.Join(set, " "))
	sources := map[string]*corev1.ConfigMapVolumeSource{}
	for _, v := range d.Spec.Template.Spec.Volumes {
		sources[v.Name] = v.ConfigMap
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		fmt.Println("container", c.Name, c.Image)
		fmt.Println("command", strings.Join(c.Args, " "))
		for _, m := range c.VolumeMounts {
			from := sources[m.Name]
			if from == nil {
				log.Fatal("no ConfigMap for ", m.Name)
			}
			text, known := maps[from.Name].Data[m.SubPath]
			if !known {
				log.Fatal("no ", m.SubPath, " in ", from.Name)
			}
			mode := os.FileMode(0o644)
			if from.DefaultMode != nil {
				mode = os.FileMode(*from.DefaultMode)
			}
			lay(folder, m.MountPath, text, mode)
		}
	}
}
